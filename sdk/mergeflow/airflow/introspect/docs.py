"""Docstrings as single plain lines: what an entry does, and what each parameter is for."""

import inspect
import re
from typing import Any

from mergeflow.catalog.prose import LONGEST, LONGEST_OF_PARAMETER, one_line

_PARAM = re.compile(
    r"^\s*:param\s+(?:[\w.\[\], |]+\s)?(\w+):[ \t]*((?:.*)(?:\n(?!\s*:|\s*\n|\s*\.\. ).+)*)", re.MULTILINE
)


def description(kind: Any) -> str:
    """The first sentence of a docstring, in one line; nothing where it only says what `deprecation` says."""
    first = inspect.cleandoc(vars(kind).get("__doc__") or getattr(kind, "__doc__", None) or "").partition("\n\n")[0]
    said = one_line(first, LONGEST)
    return "" if said == "Deprecated" else said


def parameter_docs(kind: type[Any]) -> dict[str, str]:
    """What each `:param name:` of a class and its parents says, the nearest first."""
    found: dict[str, str] = {}
    for each in kind.__mro__:
        for owner in (vars(each).get("__doc__"), getattr(vars(each).get("__init__"), "__doc__", None)):
            for name, text in _PARAM.findall(owner or ""):
                found.setdefault(name, one_line(re.sub(r"\s*\(templated\)", "", text), LONGEST_OF_PARAMETER))
    return found
