"""Rows of a table as text, for a message."""

from collections.abc import Collection, Sequence
from typing import Any

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


def _cell(value: Any) -> str:
    text = "null" if value is None else " ".join(str(value).split())
    text = "".join(each if each.isprintable() else "�" for each in text)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
