"""Compose's variables in YAML values: `$V`, `${V}`, `${V:-default}`, `${V:?message}`; `$$` is a dollar."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(
    r"""\$(?:
        (?P<dollar>\$)
      | (?P<bare>[A-Za-z_]\w*)
      | \{(?P<name>[A-Za-z_]\w*)(?::(?P<kind>[-?])(?P<word>[^{}$]*))?\}
      | (?P<wrong>)
    )""",
    re.VERBOSE,
)


class MissingVariableError(KeyError):
    """A variable that must be set is absent or empty."""


@dataclass(frozen=True)
class Variable:
    """One use of a variable: `default` stands after `:-`, `message` after `:?`."""

    name: str
    default: str | None = None
    message: str | None = None


def variables(value: Any) -> Iterator[Variable]:
    """Every use of a variable in the text values of a tree."""
    for text in _texts(value):
        for match in _TOKEN.finditer(text):
            if variable := _variable(match):
                yield variable


def interpolate(value: Any, settings: Mapping[str, str]) -> Any:
    """Return the same tree with every variable replaced. Keys are left alone, as Compose does."""
    return _map_texts(value, lambda text: _TOKEN.sub(lambda match: _replacement(match, settings), text))


def _replacement(match: re.Match[str], settings: Mapping[str, str]) -> str:
    variable = _variable(match)
    if variable is None:
        return "$"
    value = settings.get(variable.name, "")
    if not value and variable.message is not None:
        raise MissingVariableError(f"{variable.name}: {variable.message}")
    return value or variable.default or ""


def _variable(match: re.Match[str]) -> Variable | None:
    """None for `$$`."""
    if match["dollar"]:
        return None
    name = match["bare"] or match["name"]
    if not name:
        raise ValueError(f"not a variable: {match.string[match.start() : match.start() + 40]!r}")
    kind, word = match["kind"], match["word"]
    return Variable(name, default=word if kind == "-" else None, message=word if kind == "?" else None)


def _texts(value: Any) -> Iterator[str]:
    found: list[str] = []
    _map_texts(value, lambda text: found.append(text) or text)
    yield from found


def _map_texts(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _map_texts(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_map_texts(item, change) for item in value]
    return value
