"""The text of the catalog file: JSON, sorted, one line per entry, so that a diff of it can be reviewed."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mergeflow.catalog.entries import Operator, Parameter, write_parameter
from mergeflow.catalog.index import HEAD, SECTIONS

Section = Mapping[str, str | Parameter | Operator]
"""What stands under each key: a version or a path, a parameter, an entry."""


def catalog_text(sections: Mapping[str, Section]) -> str:
    """The text of a catalog; sections that are not given are empty."""
    return f"{HEAD[:-1]}{','.join(_section(name, sections.get(name, {})) for name in SECTIONS)}\n}}\n"


def differences(old: str, new: str) -> Iterator[str]:
    """What a new catalog has anew, no longer or otherwise than an old one, as `~ name` lines."""
    before, after = _lines(old), _lines(new)
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield f"{'+' if name not in before else '-' if name not in after else '~'} {name}"


def _lines(text: str) -> dict[str, str]:
    """The entries' lines by name; a name that stands in several sections, with its section."""
    found: dict[str, str] = {}
    section = ""
    for line in text.splitlines():
        name = line.partition('": ')[0].strip().lstrip('"')
        if line.startswith('  "'):
            found[f"{name} ({section})" if section != "operators" else name] = line.rstrip(",")
        else:
            section = name
    return found


def _section(name: str, entries: Section) -> str:
    lines = ",".join(f"\n  {json.dumps(key)}: {json.dumps(_plain(value))}" for key, value in sorted(entries.items()))
    return f'\n "{name}": {{{lines}\n }}'


def _plain(value: str | Parameter | Operator) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, Parameter):
        return write_parameter(value)
    parameters = {name: write_parameter(value.parameters[name]) for name in sorted(value.parameters)}
    named = {
        "called": value.called,
        "about": value.description,
        "deprecated": value.deprecated,
        "also": " ".join(value.also),
    }
    return {key: text for key, text in named.items() if text} | ({"parameters": parameters} if parameters else {})
