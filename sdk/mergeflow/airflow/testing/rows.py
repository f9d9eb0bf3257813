"""Rows of a table as text, for a message."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from mergeflow.files import SUITES, from_directory
from mergeflow.project import load
from mergeflow.suites import columns

MOST_ROWS = 10
"""Rows that a message shows."""
MOST_COLUMNS, WIDEST = 12, 40
"""Columns of a row, and characters of a value."""
HIDDEN = "•••"


def as_lines(names: Sequence[str], rows: Sequence[Sequence[Any]], count: int, hidden: Collection[str]) -> list[str]:
    """The first of `count` rows below the names of their columns; of `hidden` ones no value is shown."""
    if not rows:
        return []
    shown = list(names[:MOST_COLUMNS])
    cells = [shown, *([HIDDEN if name in hidden else _cell(row[i]) for i, name in enumerate(shown)] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(shown))]
    lines = [f"  {'  '.join(map(str.ljust, line, widths)).rstrip()}" for line in cells]
    if len(names) > len(shown):
        lines[0] += f"  and {len(names) - len(shown)} more columns"
    return [*lines, *([f"  and {count - len(rows):,} more rows"] if count > len(rows) else [])]


def columns_by_secrecy(root: Path) -> tuple[set[str], set[str]]:
    """The columns that any suite of a repository calls sensitive, and all that suites name; in small letters."""
    project = load(from_directory(root, SUITES))
    listed = [column for document in project.suites.values() for column in columns(document.data)]
    sensitive = {column.name.lower() for column in listed if column.config.get("sensitive") is True}
    return sensitive, {column.name.lower() for column in listed}


def reason(error: Exception, *, is_secret: bool) -> str:
    """The first line of what a database said; where that may quote a sensitive column, its own words alone."""
    said = getattr(error, "orig", None) or error
    line = str(said).partition("\n")[0]
    if not is_secret:
        return line
    from mergeflow.quality.masking import Masking

    return Masking(frozenset({"any"})).said(f"({type(said).__module__}.{type(said).__name__}) {line}")


def _cell(value: Any) -> str:
    text = "null" if value is None else " ".join(str(value).split())
    text = "".join(each if each.isprintable() else "�" for each in text)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
