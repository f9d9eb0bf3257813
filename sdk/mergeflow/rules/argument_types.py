"""Whether plain values are of the types that a function's parameters are annotated with."""

from collections.abc import Iterator, Mapping
from typing import Any

from mergeflow.code.types import Types

_NAMES: Mapping[type, str] = {
    bool: "bool",
    dict: "dict",
    float: "float",
    int: "int",
    list: "list",
    str: "str",
    type(None): "None",
}
_WORDS = {
    "None": "nothing",
    "bool": "true or false",
    "dict": "a mapping",
    "float": "a number",
    "int": "a whole number",
    "list": "a list",
    "str": "text",
}


def misfits(arguments: Mapping[Any, Any], types: Mapping[str, Types]) -> Iterator[tuple[str, str, str]]:
    """Each argument that cannot be right: its name, what it should be, and a hint; templates may become anything."""
    for name, value in arguments.items():
        wanted = types.get(name)
        if wanted and not _fits(value, wanted):
            yield name, " or ".join(_WORDS[each] for each in wanted), _hint(value, wanted)


def _fits(value: object, wanted: Types) -> bool:
    if isinstance(value, str) and "{" in value:
        return True
    if isinstance(value, dict) and any(isinstance(key, str) and key.startswith("__") for key in value):
        return True  # dag-factory makes something else of it
    name = _NAMES.get(type(value))
    return name in wanted or (name == "int" and "float" in wanted)


def _hint(value: object, wanted: Types) -> str:
    if "str" in wanted and not isinstance(value, list | dict | None):
        return "put it in quotes"
    return "write it without quotes" if isinstance(value, str) and value.isdigit() and "int" in wanted else ""
