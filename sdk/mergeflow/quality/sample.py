"""A file of sample data, read with suspicion: pandas makes a frame of much that no person would call a table.

It takes a row's first cell for an index where rows are longer than the header, the first row for names where there is
no header, and gives a second column of one name another. Each of these would be a suite that holds something else than
was meant, so each is refused.
"""

import csv
import os
import re
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from mergeflow.quality.batch import BatchError
from mergeflow.quality.outcome import cut
from mergeflow.samples import SUFFIXES

if TYPE_CHECKING:
    from pandas import DataFrame

MAX_BYTES = 256 * 1024 * 1024
"""Of a sample: a frame takes several times as much memory."""
LONGEST_NAME = 200
"""Characters of a column's name; what is longer is a row of data, or no table."""

_DATA = re.compile(
    r"[-+]?(\d+\.\d*|\.?\d+)(e[-+]?\d+)?|\d{4}-\d\d-\d\d([T ].*)?|[^@\s]+@[^@\s]+\.\w+|true|false", re.IGNORECASE
)
"""What is a value rather than a column's name."""
_NAME = re.compile(r"(?s)^(?=.*\S)[^\ud800-\udfff]+$")
"""Half a character of UTF-16, which JSON can spell, is nothing that a file can hold."""
_YEAR = re.compile(r"(19|20)\d\d")
"""Of numbers, the only ones that name columns."""
_SEPARATORS = {";": "`;`", "\t": "tabs", "|": "`|`"}


def refuse_unreadable(file: Path, name: str) -> None:
    """Raises BatchError for a file that is no table with named columns, in a sentence for the user."""
    size = _size(file, name)
    if not name.endswith(SUFFIXES):
        raise BatchError(f"file `{name}` is none of {', '.join(SUFFIXES[:-1])} and {SUFFIXES[-1]}")
    if not size:
        raise BatchError(f"file `{name}` is empty")
    if size > MAX_BYTES:
        raise BatchError(f"file `{name}` has {size >> 20} MiB, more than {MAX_BYTES >> 20}: cut it to a sample")
    if name.endswith(".csv"):
        try:
            with file.open(encoding="utf-8-sig", newline="") as stream:
                _refuse_table(stream, name)
        except UnicodeDecodeError as error:
            raise BatchError(f"file `{name}` is not UTF-8: {error.reason} at byte {error.start + 1}") from None
        except OSError as error:
            raise BatchError(f"file `{name}` cannot be read: {str(error.strerror).lower()}") from None


def refuse_frame(frame: "DataFrame", name: str) -> None:
    """Raises BatchError for a frame without rows, or with columns that have no names to speak of."""
    if not len(frame.columns) or not all(isinstance(each, str) and _NAME.search(each) for each in frame.columns):
        raise BatchError(f"file `{name}` has no named columns")
    if not frame.columns.is_unique:
        twice = next(iter(frame.columns[frame.columns.duplicated()]))
        raise BatchError(f"file `{name}` has two columns `{cut(twice)}`")
    if not len(frame):
        raise BatchError(f"file `{name}` has no rows, so nothing can be told from it")


def padded_columns(file: Path) -> frozenset[str]:
    """The columns of a readable CSV file in which a number begins with zeros: a code, which reading it spoils."""
    if file.suffix != ".csv":
        return frozenset()
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = (cells for cells, _ in _rows(stream) if cells)
        header = next(rows, [])
        found = {i for cells in rows for i, cell in enumerate(cells) if cell[:1] == "0" and cell[1:2].isdecimal()}
    return frozenset(header[i] for i in found if i < len(header))


def line_of(file: Path, row: int) -> int:
    """The line, from 1, that a row of a readable file, from 1 too, begins on; the first where rows have no lines."""
    if file.suffix == ".jsonl":
        with file.open("rb") as stream:
            filled = (number for number, line in enumerate(stream, 1) if line.strip())
            return next((number for i, number in enumerate(filled, 1) if i == row), 1)
    if file.suffix != ".csv":
        return 1
    with file.open(encoding="utf-8-sig", newline="") as stream:
        before, number = 0, -1
        for cells, end in _rows(stream):
            number += not _is_blank(cells)
            if number == row:
                return before + 1
            before = end
    return 1


def _is_blank(cells: Sequence[str]) -> bool:
    """What pandas passes over."""
    return not cells or (len(cells) == 1 and not cells[0].strip())


def _size(file: Path, name: str) -> int:
    """Asked before it is opened: a pipe would never end."""
    try:
        found = os.stat(file)  # noqa: PTH116 - one call for both questions
    except OSError as error:
        raise BatchError(f"file `{name}` cannot be read: {str(error.strerror).lower()}") from None
    except ValueError:
        raise BatchError("a file's name has no null character") from None
    if not stat.S_ISREG(found.st_mode):
        raise BatchError(f"`{name}` is not a regular file")
    return found.st_size


def _refuse_table(stream: IO[str], name: str) -> None:
    width = 0
    try:
        for cells, line in _rows(stream, name):
            if not width and cells:
                _refuse_header(cells, name)
                width = len(cells)
            elif len(cells) > width:
                raise BatchError(f"file `{name}` has {len(cells)} cells on line {line}, and its header names {width}")
    except csv.Error as error:
        raise BatchError(f"file `{name}` is no CSV: {cut(str(error))}") from None
    if not width:
        raise BatchError(f"file `{name}` is empty")


def _refuse_header(cells: Sequence[str], name: str) -> None:
    """Raises BatchError for a first row that names no columns."""
    for i, cell in enumerate(cells, 1):
        if not cell.strip():
            raise BatchError(f"file `{name}` has no name for its column {i}: its first line must name each column")
        if len(cell) > LONGEST_NAME:
            raise BatchError(f"file `{name}` has no header: its column {i} would have a name of {len(cell)} characters")
        if _DATA.fullmatch(cell.strip()) and not _YEAR.fullmatch(cell.strip()):
            raise BatchError(f"file `{name}` has no header: `{cut(cell)}` on its first line is no column's name")
    number = Counter(cells)
    if len(number) < len(cells):
        raise BatchError(f"file `{name}` has two columns `{cut(max(cells, key=number.__getitem__))}`")
    other = next((words for mark, words in _SEPARATORS.items() if mark in cells[0]), None)
    if len(cells) == 1 and other:
        raise BatchError(f"file `{name}` has one column, whose name holds {other}: cells are separated by commas")


def _rows(stream: IO[str], name: str = "") -> Iterator[tuple[list[str], int]]:
    """Each row with the line that it ends on; a cell may be as long as it likes."""
    before = csv.field_size_limit(MAX_BYTES)
    try:
        reader = csv.reader(_text(stream, name))
        for cells in reader:
            yield cells, reader.line_num
    finally:
        csv.field_size_limit(before)


def _text(stream: IO[str], name: str) -> Iterator[str]:
    """The lines of what is text."""
    for number, line in enumerate(stream, 1):
        if "\0" in line:
            raise BatchError(f"file `{name}` is no text: line {number} holds a null character")
        yield line
