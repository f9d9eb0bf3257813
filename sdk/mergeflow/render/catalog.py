"""Entries of the catalog as text and as JSON."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mergeflow.catalog import Kind, Operator, Parameter

_COLUMNS = ("parameter", "type", "default", "description")
_WIDEST_TYPE, _WIDEST_DEFAULT = 40, 24
"""Beyond these a cell is cut; `--format json` has the whole."""


def listed(entries: Sequence[tuple[Kind, Operator]]) -> str:
    """One line per entry: what it is called, what it does, and where it is imported from."""
    rows = [(kind.removesuffix("s"), entry.called or entry.name, entry.path) for kind, entry in entries]
    return _table(rows) or "nothing in the catalog has that"


def listed_json(entries: Iterable[tuple[Kind, Operator]]) -> str:
    """The entries without their parameters."""
    return json.dumps([_head(kind, entry) for kind, entry in entries], indent=2)


def shown(kind: Kind, entry: Operator) -> str:
    """An entry with a table of its parameters, the required ones first."""
    lines = [entry.path, f"  {kind.removesuffix('s')}" + (f" {entry.called}" if entry.called else "")]
    lines += [f"  {entry.description}"] if entry.description else []
    lines += [f"  deprecated: {entry.deprecated}"] if entry.deprecated else []
    ordered = sorted(entry.parameters.items(), key=lambda each: (not each[1].required, each[0]))
    rows = [_row(name, parameter) for name, parameter in ordered]
    table = _table([_COLUMNS, *rows]) if rows else "no parameters of its own"
    return "\n".join([*lines, "", *(f"  {line}".rstrip() for line in table.splitlines())])


def shown_json(entries: Iterable[tuple[Kind, Operator]]) -> str:
    """The entries with their parameters."""
    return json.dumps([_head(kind, entry) | {"parameters": _parameters(entry)} for kind, entry in entries], indent=2)


def _row(name: str, parameter: Parameter) -> tuple[str, ...]:
    default = "required" if parameter.required else _cut(parameter.default, _WIDEST_DEFAULT)
    said = f"{'templated. ' if parameter.template else ''}{parameter.description}".strip()
    return name, _cut(parameter.type.replace("|", " | "), _WIDEST_TYPE), default, said


def _cut(text: str, widest: int) -> str:
    return text if len(text) <= widest else f"{text[: widest - 3]}..."


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(len(rows[0]))] if rows else []
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def _head(kind: Kind, entry: Operator) -> dict[str, Any]:
    return {
        "kind": kind,
        "path": entry.path,
        "called": entry.called or entry.name,
        "description": entry.description,
        "deprecated": entry.deprecated,
    }


def _parameters(entry: Operator) -> Mapping[str, Any]:
    return {name: _parameter(each) for name, each in entry.parameters.items()}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "type": parameter.type,
        "required": parameter.required,
        "default": parameter.default,
        "template": parameter.template,
        "description": parameter.description,
    }
