"""A template's parameters: what it may be given, as JSON Schema says it, and what it is given."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from mergeflow.diagnostic import Route
from mergeflow.formats import read, reads
from mergeflow.model import kind_of, near, nearest

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}
_SAID = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "empty",
}
_PLAIN = {"type", "format", "default", "description"}
"""Keywords that need no validator."""

MOST_PARAMETERS = 200
"""Of one template: each has a schema that is held against JSON Schema's own."""
_DATA = ("const", "default", "enum", "examples")
"""Keywords below which there are values, and no schemas."""

Parameters = Mapping[str, Mapping[str, Any]]
"""A template's `params`: for each name a JSON Schema."""


class Misfit(NamedTuple):
    """A parameter that is missing, unknown or wrong; `route` leads to it from `with`, and is empty for one missing."""

    route: Route
    message: str
    hint: str = ""


def bind(parameters: Parameters, given: Mapping[str, Any], template: str) -> tuple[dict[str, Any], list[Misfit]]:
    """The value of each parameter, defaults filled in, and what is wrong with those given to `template`."""
    bound: dict[str, Any] = {}
    unknown = [name for name in given if name not in parameters]
    misfits = [
        Misfit((name,), f"template `{template}` has no parameter `{name}`", _known(name, parameters))
        for name in unknown
    ]
    for name, schema in parameters.items():
        if name in given:
            bound[name], wrong = _read(name, schema, given[name])
            misfits += [Misfit((name,), *each) for each in wrong]
        elif "default" in schema:
            bound[name], _ = _read(name, schema, schema["default"])
        elif not (unknown and nearest(name, unknown)):  # a misspelt one is told already
            says = schema.get("description")
            hint = f"add `{name}: …`" + (f" ({says})" if isinstance(says, str) else "")
            misfits.append(Misfit((), f"template `{template}` needs `{name}`", hint))
    return bound, misfits


def wrong_schema(schema: object) -> Iterator[Misfit]:
    """What keeps a parameter's declaration from being a JSON Schema; routes lead from the declaration."""
    if not isinstance(schema, Mapping):
        yield Misfit((), f"a parameter is a mapping, not {kind_of(schema)}", "write `{type: string, description: …}`")
        return
    kind = schema.get("type")
    if kind is not None and not (isinstance(kind, str) and kind in _TYPES) and not isinstance(kind, list):
        yield Misfit(
            ("type",), f"there is no type `{kind}`", near(str(kind), _TYPES) or f"there is {', '.join(_TYPES)}"
        )
    elif not schema.keys() <= _PLAIN:
        from jsonschema import Draft202012Validator, SchemaError  # type: ignore[import-untyped]

        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            yield Misfit(tuple(error.path), f"this is no JSON Schema: {error.message}")
            return
        yield from _unchecked(schema, schema, ())
    if "default" in schema:
        for message, hint in _read("default", schema, schema["default"])[1]:
            yield Misfit(("default",), message, hint)


def _unchecked(part: object, whole: Mapping[str, Any], route: Route) -> Iterator[Misfit]:
    """Each `$ref` that leads to nothing in the parameter's own schema, and each pattern that is not searched for."""
    if isinstance(part, Mapping):
        reference = part.get("$ref")
        if isinstance(reference, str) and not _leads(reference, whole):
            hint = "write it out, or name a part of this parameter: `#/$defs/<name>`"
            yield Misfit((*route, "$ref"), f"`{reference}` is no part of this parameter's schema", hint)
        if isinstance(part.get("pattern"), str):
            from mergeflow.patterns import Unsearchable, steps_of

            try:
                steps_of(part["pattern"])
            except Unsearchable as error:
                yield Misfit((*route, "pattern"), f"this pattern {error}", "write a simpler one, or several in `allOf`")
        if "patternProperties" in part:
            hint = "write `propertyNames: {pattern: …}` and `additionalProperties`"
            yield Misfit((*route, "patternProperties"), "`patternProperties` is not known here", hint)
        for key, each in part.items():
            if key not in _DATA:
                yield from _unchecked(each, whole, (*route, key))
    elif isinstance(part, list):
        for i, each in enumerate(part):
            yield from _unchecked(each, whole, (*route, i))


def _leads(reference: str, at: Any) -> bool:
    """Whether a JSON pointer leads somewhere."""
    root, *way = reference.split("/")
    for step in way:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(at, Mapping) and key in at:
            at = at[key]
        elif isinstance(at, list) and key.isdecimal() and int(key) < len(at):
            at = at[int(key)]
        else:
            return False
    return root == "#"


def read_as(schema: Mapping[str, Any], value: Any) -> Any:
    """A text as the number or truth that the schema asks for, where it is one: a table's cells are all texts."""
    kind = schema.get("type")
    if not isinstance(value, str) or kind not in ("integer", "number", "boolean"):
        return value
    if kind == "boolean":
        return {"true": True, "false": False}.get(value.strip().lower(), value)
    try:
        return int(value) if kind == "integer" else float(value)
    except ValueError:
        return value


def _read(name: str, schema: Mapping[str, Any], written: Any) -> tuple[Any, list[tuple[str, str]]]:
    """What a value means by the schema's type and `format`, and what is wrong with it, each with a hint."""
    value = read_as(schema, written)
    wrong = list(_wrong(name, schema, value))
    if wrong or not reads(schema.get("format")):
        return value, wrong
    try:
        return read(schema["format"], value), []
    except ValueError as error:
        return value, [(f"`{name}` is refused: {error}", _meaning(schema))]


def _wrong(name: str, schema: Mapping[str, Any], value: Any) -> Iterator[tuple[str, str]]:
    kind = schema.get("type")
    if isinstance(kind, str) and kind in _TYPES and not _is(value, kind):
        yield f"`{name}` must be {_SAID[kind]}, not {kind_of(value)}", _meaning(schema)
    elif not schema.keys() <= _PLAIN:
        for message in _by_keywords(schema, value):
            yield f"`{name}` is refused: {message}", _meaning(schema)


def _by_keywords(schema: Mapping[str, Any], value: Any) -> list[str]:
    """What a validator says of a value; nothing where the schema is none, which is told where it stands.

    What a `$ref` names is never fetched.
    """
    from referencing import Registry

    if next(_unchecked(schema, schema, ()), None):
        return []
    try:
        return [error.message for error in _validator()(schema, registry=Registry()).iter_errors(value)]
    except Exception:  # noqa: BLE001 - a type that is none, a minimum that is a text, a reference without an end
        return []


@cache
def _validator() -> Any:
    """JSON Schema's validator, but for patterns: Python's own search might never end."""
    from jsonschema import Draft202012Validator, ValidationError
    from jsonschema.validators import extend  # type: ignore[import-untyped]

    from mergeflow.patterns import LONGEST_TEXT, searched

    def pattern(_: Any, wanted: str, text: Any, __: Any) -> Iterator[Any]:
        if isinstance(text, str) and len(text) > LONGEST_TEXT:
            yield ValidationError(f"a pattern is searched in {LONGEST_TEXT:,} characters, and these are {len(text):,}")
        elif isinstance(text, str) and not searched(wanted, text):
            yield ValidationError(f"{text!r} does not match {wanted!r}")

    return extend(Draft202012Validator, {"pattern": pattern})


def _meaning(schema: Mapping[str, Any]) -> str:
    says = schema.get("description")
    return f"it means: {says}" if isinstance(says, str) and says else "the template's `params` say what it takes"


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool) and kind != "boolean":
        return False
    return isinstance(value, _TYPES[kind]) or (kind == "integer" and isinstance(value, float) and value.is_integer())


def _known(name: str, parameters: Parameters) -> str:
    listed = ", ".join(f"`{each}`" for each in parameters)
    return near(name, parameters) or (f"it has {listed}" if listed else "it has none")
