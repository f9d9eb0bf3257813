"""A table of items: a CSV file, in which every row and every cell has its place."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from mergeflow.diagnostic import Route
from mergeflow.source import START, Location, Position, Span

MOST_ROWS = 10_000
"""More DAGs than that are not made by one file on purpose."""

_BREAK = re.compile("\r\n|[\r\n]")


class Row(NamedTuple):
    """A row: the line on which it begins, its cells by column, and what is wrong with it."""

    line: int
    cells: Mapping[str, str]
    fault: str = ""


class TableError(Exception):
    """A file that is no table; its text says why."""

    def __init__(self, message: str, hint: str, line: int = 1) -> None:
        super().__init__(message)
        self.message, self.hint, self.line = message, hint, line


@dataclass(frozen=True)
class Table:
    """A CSV file; routes lead to a row by its line, and from there to a cell by its column's name."""

    path: str
    content: bytes

    def rows(self, holding: str | None = None) -> Iterator[Row]:
        """The rows below the names of the columns, or those with one cell; one of the wrong length has a fault.

        Raises TableError.
        """
        if self._text is None:
            raise TableError("this file is not UTF-8", "save it as UTF-8")
        reader = csv.reader(io.StringIO(self._text, newline=""), strict=True)
        try:
            columns = _columns([name.strip() for name in next(reader, [])])
            number, before = 0, reader.line_num
            for cells in reader:
                line, before = before + 1, reader.line_num
                if not cells:
                    continue
                number += 1
                if number > MOST_ROWS:
                    raise TableError(f"this table has more than {MOST_ROWS:,} rows", "split it over several DAGs", line)
                if holding is not None and holding not in cells:
                    continue
                yield Row(line, dict(zip(columns, cells, strict=False)), _fault(len(cells), len(columns)))
        except csv.Error as error:
            raise TableError(f"this is no CSV: {error}", "look at the quotes of this line", reader.line_num) from None
        if not number:
            raise TableError("this table has no rows, so it makes no DAG", "add one below the names of the columns")

    def locate(self, route: Route) -> Location:
        """The place of a row, or of a cell in it; where that cannot be told, of the line's beginning."""
        if not route:
            return Location(self.path, START)
        number = int(route[0])
        start, end = self._cell(number, str(route[1])) if len(route) > 1 else (0, len(self.line(number)))
        return Location(self.path, Span(Position(number, start + 1), Position(number, max(end, start + 1) + 1)))

    def line(self, number: int) -> str:
        """The text of a line, counted from 1; empty past the end."""
        return self._lines[number - 1] if number <= len(self._lines) else ""

    def _cell(self, number: int, column: str) -> tuple[int, int]:
        """From where to where a cell goes in its line; of one that goes over several lines the first."""
        columns = [name.strip() for name in next(csv.reader(self._lines[:1]), [])]
        at = columns.index(column) if column in columns else 0
        starts, quoted = [0], False
        text = self.line(number)
        for i, char in enumerate(text):
            quoted ^= char == '"'
            if char == "," and not quoted:
                starts.append(i + 1)
        ends = [start - 1 for start in starts[1:]] + [len(text)]
        return (starts[at], ends[at]) if at < len(starts) else (0, len(text))

    @cached_property
    def _lines(self) -> list[str]:
        return _BREAK.split(self._text or "")

    @cached_property
    def _text(self) -> str | None:
        try:
            return self.content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return None


def _columns(names: list[str]) -> list[str]:
    """The names of the columns. Raises TableError."""
    if len(names) == 1 and ";" in names[0]:
        raise TableError("this table is separated by `;`", "save it with commas between the cells")
    doubled = next((name for name in names if names.count(name) > 1), None)
    if doubled is not None:
        raise TableError(f"two columns are called `{doubled}`", "rename one")
    if not all(name.strip() for name in names):
        raise TableError("a column has no name", "name it in the first line, or remove it")
    return names


def _fault(cells: int, columns: int) -> str:
    if cells == columns:
        return ""
    return f"this row has {cells} cell{'s' * (cells != 1)}, and the table {columns} column{'s' * (columns != 1)}"
