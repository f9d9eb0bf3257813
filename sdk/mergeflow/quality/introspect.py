"""Reads the installed Great Expectations' expectations into the catalog, from their pydantic models."""

import inspect
import json
from collections import Counter
from collections.abc import Mapping
from enum import Enum
from importlib.metadata import version
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from great_expectations.expectations import core
from great_expectations.expectations.expectation import Expectation

from mergeflow.catalog import UNSAID, Operator, Parameter
from mergeflow.catalog.prose import LONGEST, LONGEST_OF_PARAMETER, one_line
from mergeflow.catalog.write import Section

_PLAIN = (str, bool, int, float, list, dict)
"""What YAML has; `bool` stands before `int`, of which it is a subclass."""
_FOR_ITSELF = frozenset({"id", "rendered_content", "batch_id", "library_metadata"})
"""What Great Expectations fills in."""
_MANY = 3
"""A parameter that more than one in three takes is said once."""
_COERCED = {"Sequence": "list", "tuple": "list", "set": "list"}
"""What pydantic makes of a list."""


def expectation_sections() -> Mapping[str, Section]:
    """Every expectation of the core; what all of them take, and what many of them share, stands apart from them."""
    found = {kind: _parameters(kind) for kind in _expectations()}
    spread = Counter(name for parameters in found.values() for name in parameters)
    shared = {name for name, count in spread.items() if count > len(found) / _MANY}
    merged = {name: _merged([each[name] for each in found.values() if name in each]) for name in sorted(shared)}
    entries = {}
    for kind, parameters in found.items():
        path = f"{core.__name__}.{kind.__name__}"
        also = tuple(name for name in sorted(shared) if spread[name] < len(found) and name in parameters)
        own = {name: each for name, each in parameters.items() if name not in shared}
        entries[path] = Operator(path, own, _about(kind), called=kind.expectation_type, also=also)
    return {
        "packages": {"great-expectations": version("great-expectations")},
        "common_of_expectations": {name: merged[name] for name in merged if spread[name] == len(found)},
        "shared_by_expectations": {name: merged[name] for name in merged if spread[name] < len(found)},
        "expectations": entries,
    }


def _merged(parameters: list[Parameter]) -> Parameter:
    """One parameter of several expectations: the same for each, save perhaps for its default."""
    first = parameters[0]
    if len({each.type for each in parameters}) > 1:
        first = first._replace(type="Any")
    if any(each.required for each in parameters):
        return first._replace(default="")
    return first if len({each.default for each in parameters}) == 1 else first._replace(default=UNSAID)


def _expectations() -> list[type[Expectation]]:
    classes = [each for each in vars(core).values() if inspect.isclass(each) and issubclass(each, Expectation)]
    return [each for each in classes if getattr(each, "expectation_type", "")]


def _parameters(kind: type[Expectation]) -> dict[str, Parameter]:
    return {name: _parameter(field) for name, field in kind.__fields__.items() if name not in _FOR_ITSELF}


def _parameter(field: Any) -> Parameter:
    """A parameter from one of pydantic 1's fields, which Great Expectations brings along."""
    names = list(dict.fromkeys(_names(field.annotation)))
    if field.allow_none and "None" not in names:
        names.append("None")
    default = "" if field.required else _json(field.default)
    said = field.field_info.description or ""
    return Parameter(
        "|".join(sorted(names, key="None".__eq__)), default, description=one_line(said, LONGEST_OF_PARAMETER)
    )


def _names(annotation: Any) -> list[str]:
    """A type in the catalog's notation: subclasses of plain types, which only limit their values, are these."""
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        return [name for each in get_args(annotation) for name in _names(each)]
    if origin is Annotated:
        return _names(get_args(annotation)[0])
    if origin is Literal:
        return [f"'{each}'" for each in get_args(annotation)]
    if annotation in (None, NoneType):
        return ["None"]
    kind = origin or annotation
    if inspect.isclass(kind) and issubclass(kind, Enum):
        return [f"'{each.value}'" for each in kind]
    plain = next((each for each in _PLAIN if inspect.isclass(kind) and issubclass(kind, each)), None)
    name = plain.__name__ if plain else getattr(kind, "__name__", "Any")
    return [_COERCED.get(name, name)]


def _json(default: Any) -> str:
    value = getattr(default, "value", default)
    return json.dumps(value) if isinstance(value, str | int | float | bool | None) else UNSAID


def _about(kind: type[Expectation]) -> str:
    return one_line((inspect.getdoc(kind) or "").partition("\n\n")[0], LONGEST)
