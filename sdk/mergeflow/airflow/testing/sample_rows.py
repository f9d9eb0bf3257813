"""A sample file as rows, and the types that its suite gives to their columns."""

import csv
import json
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path, PurePosixPath
from typing import Any

from mergeflow.files import CONFIG_SUFFIXES, SUITES
from mergeflow.samples import owner_of

Row = Mapping[str, Any]


class GivenError(Exception):
    """A sample that cannot be put where a test wants it; the text is for the user."""


def text_of(file: Path, path: str) -> str:
    """A file's text, without a byte order mark; the errors name its `path`. Raises GivenError."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise GivenError(f"`{path}` is not UTF-8") from None


def rows_of(file: Path, path: str) -> Iterator[Row]:
    """The rows of a sample; of a CSV all values are texts, and an empty one is null. Raises GivenError."""
    if path.endswith(".parquet"):
        from mergeflow.quality.batch import BatchError
        from mergeflow.quality.frames import read_frame

        try:
            frame = read_frame(file, path, [])
        except BatchError as error:
            raise GivenError(str(error)) from None
        yield from frame.astype(object).where(frame.notna(), None).to_dict("records")
    elif path.endswith(".jsonl"):
        for number, line in enumerate(text_of(file, path).split("\n"), 1):
            if line.strip():
                yield _row(line, f"line {number} of `{path}`")
    else:
        yield from _csv(text_of(file, path), path)


def _row(line: str, where: str) -> Row:
    try:
        row = json.loads(line)
    except ValueError:
        raise GivenError(f"{where} is no JSON") from None
    if not isinstance(row, dict):
        raise GivenError(f"{where} is no JSON object")
    return {key: json.dumps(value) if isinstance(value, dict | list) else value for key, value in row.items()}


def _csv(text: str, path: str) -> Iterator[Row]:
    lines = csv.reader(StringIO(text, newline=""), strict=True)  # a line ends where a CSV's does, and nowhere else
    try:
        header = next(lines, [])
        if not header or len(set(header)) < len(header) or not all(each.strip() for each in header):
            raise GivenError(f"the first line of `{path}` must name each column, and none twice")
        for row in lines:
            if not row:
                continue
            if len(row) != len(header):
                raise GivenError(
                    f"line {lines.line_num} of `{path}` has {len(row)} values, and there are {len(header)} columns"
                )
            yield {name: value or None for name, value in zip(header, row, strict=True)}
    except csv.Error as error:
        raise GivenError(f"line {lines.line_num} of `{path}` is no CSV: {error}") from None


def types_of(root: Path, path: str) -> Mapping[str, str]:
    """The types that the suite of a sample gives to its columns; none where it has no suite."""
    folder = root / SUITES
    there = {
        file.relative_to(folder).with_suffix("").as_posix()
        for end in CONFIG_SUFFIXES
        for file in folder.rglob(f"*{end}")
    }
    owner = owner_of(str(PurePosixPath(path)), there)
    if owner is None:
        return {}
    from mergeflow.quality.suite import SuiteError, read_suite

    try:
        return {each.name: each.type for each in read_suite(root, owner).columns if each.type}
    except SuiteError:
        return {}  # which is told of the suite itself
