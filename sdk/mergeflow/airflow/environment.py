"""Environment variables that the policy lets configs name: expanded in values while a DAG is built, and nowhere else.

dag-factory expands the whole text of a file, any variable, and shows what came out in the DAG's docs. Here a DAG's
docs, a plan and the diagnostics show the text as committed; a value in an error message is put back into its name.
"""

import os
import re
from collections.abc import Collection
from typing import Any

_NAMED = re.compile(r"\$(?:\{(?P<braced>[A-Za-z_]\w*)\}|(?P<bare>[A-Za-z_]\w*))", re.ASCII)
_DOCS = frozenset({"doc_json", "doc_md", "doc_rst", "doc_yaml"})
"""Keys of DAGs, groups and tasks whose values Airflow shows; a task's `doc` is another, and an argument's is not."""

_SHORTEST = 4
"""A value shorter than this is no secret, and would be found in any message."""


def expanded(value: Any, names: Collection[str]) -> Any:
    """A config with these variables expanded in its texts; one that is not set stays as it is written."""
    if isinstance(value, str):
        return _NAMED.sub(lambda found: _value(found, names), value) if "$" in value else value
    if isinstance(value, list):
        return [expanded(each, names) for each in value]
    if isinstance(value, dict):
        shown = _DOCS | {"doc"} if "operator" in value or "decorator" in value else _DOCS
        return {key: each if key in shown else expanded(each, names) for key, each in value.items()}
    return value


def concealed(text: str, names: Collection[str]) -> str:
    """A text in which the values of these variables are names again: as they are, quoted, or drawn into one line."""
    values = {name: value for name in names if len(value := os.environ.get(name, "")) >= _SHORTEST}
    forms = {form: name for name, value in values.items() for form in _forms(value)}
    for form in sorted(forms, key=len, reverse=True):  # one value may hold another
        text = text.replace(form, f"${forms[form]}")
    return text


def _forms(value: str) -> set[str]:
    """How a message may show a value."""
    quoted = repr(value)[1:-1]
    shown = (value, quoted, " ".join(value.split()), " ".join(quoted.split()))
    return {form for form in shown if len(form) >= _SHORTEST}


def _value(found: re.Match[str], names: Collection[str]) -> str:
    name = found["braced"] or found["bare"]
    return os.environ.get(name, found[0]) if name in names else found[0]
