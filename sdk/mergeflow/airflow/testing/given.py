"""What is there before a test's run: tables filled from sample files, and files copied into folders.

A table that is not there yet is made: with the types of the suite that the sample's path names, else with those that
its values have. One that an `.sql` file has made before is only filled.
"""

import csv
import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from io import StringIO
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Engine,
    MetaData,
    NullPool,
    Table,
    Text,
    create_engine,
    inspect,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import TypeEngine

from mergeflow.airflow.testing.databases import Database
from mergeflow.airflow.testing.rows import HIDDEN, columns_by_secrecy, reason
from mergeflow.files import CONFIG_SUFFIXES, SUITES
from mergeflow.pipeline_problems import fills_tables, leads_out
from mergeflow.pipeline_tests import TABLE_FILES
from mergeflow.samples import owner_of

MOST_BYTES = 256 * 2**20
"""Of a sample file: it is read whole."""

_WHOLE = re.compile(r"[-+]?(0|[1-9]\d{0,17})")
_NUMBER = re.compile(r"[-+]?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?")
_FLAGS = {"true": True, "false": False}
_OF_SUITES: Mapping[str, type[TypeEngine[Any]]] = {
    "boolean": Boolean,
    "date": Date,
    "integer": BigInteger,
    "number": Double,
    "text": Text,
    "timestamp": DateTime,
}

Row = Mapping[str, Any]


class GivenError(Exception):
    """A sample that cannot be put where a test wants it; the text is for the user."""


class _UnfitError(Exception):
    """A value that is none of its column's; with the column, the value and what the column holds."""


def fill(database: Database, root: Path, table: str, files: Sequence[str]) -> None:
    """Fill a table from files, one after the other. Raises GivenError."""
    for path in files:
        if not fills_tables(path):
            raise GivenError(f"`{path}` is none of {', '.join(TABLE_FILES)}, from which a table can be filled")
        file = file_of(root, path)
        try:
            if path.endswith(".sql"):
                _run_script(database, _text(file, path), root)
            else:
                _insert(database, table, list(_rows(file, path)), _types(root, path), path)
        except SQLAlchemyError as error:
            said = reason(error, is_secret=bool(columns_by_secrecy(root)[0]))
            raise GivenError(f"`{path}` cannot be put into the table `{table}`: {said}") from None
        except _UnfitError as error:
            column, value, wanted = error.args
            shown = HIDDEN if column.lower() in columns_by_secrecy(root)[0] else repr(value)
            raise GivenError(f"`{path}` has {shown} in the column `{column}`, which holds {wanted}s") from None


def copy(folder: Path, root: Path, name: str, files: Sequence[str]) -> None:
    """Put a file into a connection's folder. Raises GivenError."""
    if leads_out(name):
        raise GivenError(f"`{name}` is no path within the folder of a connection")
    for path in files:
        target = folder / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file_of(root, path), target)
        except OSError as error:
            raise GivenError(f"`{path}` cannot be copied to `{name}`: {str(error.strerror).lower()}") from None


def file_of(root: Path, path: str) -> Path:
    """A file of the repository; links that lead out of it are none of its files. Raises GivenError."""
    if leads_out(path):
        raise GivenError(f"`{path}` is no path within the repository")
    file = root / path
    if not file.resolve().is_relative_to(root.resolve()):
        raise GivenError(f"`{path}` leads out of the repository")
    if not file.is_file():
        raise GivenError(f"there is no file `{path}`")
    if file.stat().st_size > MOST_BYTES:
        raise GivenError(f"`{path}` is larger than {MOST_BYTES // 2**20} MiB")
    return file


def _text(file: Path, path: str) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise GivenError(f"`{path}` is not UTF-8") from None


def _rows(file: Path, path: str) -> Iterator[Row]:
    """The rows of a sample; of a CSV all values are texts, and an empty one is null."""
    if path.endswith(".parquet"):
        from mergeflow.quality.batch import BatchError
        from mergeflow.quality.frames import read_frame

        try:
            frame = read_frame(file, path, [])
        except BatchError as error:
            raise GivenError(str(error)) from None
        yield from frame.astype(object).where(frame.notna(), None).to_dict("records")
    elif path.endswith(".jsonl"):
        for number, line in enumerate(_text(file, path).split("\n"), 1):
            if line.strip():
                yield _row(line, f"line {number} of `{path}`")
    else:
        yield from _csv(_text(file, path), path)


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


def _types(root: Path, path: str) -> Mapping[str, str]:
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


def _insert(database: Database, table: str, rows: list[Row], types: Mapping[str, str], path: str) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with _engine(database) as engine:
        target = _reflected(engine, table, names, path)
        if target is None:
            kinds = {
                name: _OF_SUITES[types[name]] if name in types else _kind([row.get(name) for row in rows])
                for name in names
            }
            if not names:
                raise GivenError(f"`{path}` has no rows, so nobody can tell the columns of the table `{table}`")
            schema, _, name = table.rpartition(".")
            columns = [Column(each, kind()) for each, kind in kinds.items()]
            target = Table(name, MetaData(), *columns, schema=schema or None)
            target.create(engine)
        converted = [{name: _value(target.c[name], row.get(name)) for name in names} for row in rows]
        if converted:
            with engine.begin() as connection:
                for start in range(0, len(converted), 1000):
                    connection.execute(target.insert(), converted[start : start + 1000])


def _reflected(engine: Engine, table: str, names: Sequence[str], path: str) -> Table | None:
    """A table that is there; none where it must be made."""
    schema, _, name = table.rpartition(".")
    inspector = inspect(engine)
    if not inspector.has_table(name, schema or None):
        return None
    found = Table(name, MetaData(), schema=schema or None, autoload_with=engine)
    if strange := [each for each in names if each not in found.c]:
        known = ", ".join(f"`{each}`" for each in found.c.keys())  # noqa: SIM118 - a collection of columns
        raise GivenError(f"`{path}` has a column `{strange[0]}`, and the table `{table}` has only {known}")
    # A column that no row names keeps its default, also a number that the database counts.
    return Table(name, MetaData(), *[Column(each, found.c[each].type) for each in names], schema=schema or None)


def _kind(values: Sequence[Any]) -> type[TypeEngine[Any]]:
    """The type that all values of a column have; texts as a CSV writes them."""
    there = [value for value in values if value is not None]
    tests: tuple[tuple[type[TypeEngine[Any]], Any], ...] = (
        (Boolean, lambda value: isinstance(value, bool) or str(value).lower() in _FLAGS),
        (BigInteger, lambda value: not isinstance(value, bool | float) and _WHOLE.fullmatch(str(value))),
        (Double, lambda value: not isinstance(value, bool) and _NUMBER.fullmatch(str(value))),
        (Date, lambda value: type(value) is date or _is(date, value)),
        (DateTime, lambda value: isinstance(value, datetime) or _is(datetime, value)),
    )
    return next((kind for kind, fits in tests if there and all(map(fits, there))), Text)


def _is(kind: Any, value: Any) -> bool:
    if not isinstance(value, str) or "-" not in value[1:]:  # Python would take 20240131, too
        return False
    try:
        kind.fromisoformat(value)
    except ValueError:
        return False
    return True


def _value(column: Column[Any], value: Any) -> Any:
    """A value as the driver wants it for a column. Raises _UnfitError."""
    if value is None:
        return None
    try:
        wanted = column.type.python_type
    except NotImplementedError:
        return value
    if isinstance(value, str):
        value = value if wanted is str else value.strip()
    try:
        return _converted(wanted, value)
    except (ValueError, TypeError, KeyError, InvalidOperation):
        raise _UnfitError(column.name, value, wanted.__name__) from None


def _converted(wanted: type, value: Any) -> Any:
    if wanted is bool and isinstance(value, str):
        return {**_FLAGS, "1": True, "0": False, "t": True, "f": False}[value.lower()] if value else None
    if wanted in (datetime, date, time) and isinstance(value, str):
        return wanted.fromisoformat(value)
    if wanted in (int, float, Decimal) and not isinstance(value, wanted):
        return wanted(str(value))
    return str(value) if wanted is str and not isinstance(value, str) else value


def _run_script(database: Database, script: str, root: Path) -> None:
    """Run the statements of a file in a database's own dialect."""
    options = {"client_flag": 1 << 16} if database.kind == "mysql" else {}  # several statements at once
    engine = create_engine(database.url, poolclass=NullPool, hide_parameters=True, connect_args=options)
    with _disposed(engine), engine.connect() as connection:
        try:
            raw = connection.connection.dbapi_connection
            assert raw is not None  # noqa: S101 - it is open
            if database.kind == "sqlite":
                raw.executescript(script)
            else:
                with closing(raw.cursor()) as cursor:
                    cursor.execute(script)
                    while cursor.nextset():
                        pass
            raw.commit()
        except engine.dialect.loaded_dbapi.Error as error:
            said = reason(error, is_secret=bool(columns_by_secrecy(root)[0]))
            raise GivenError(f"its statements fail: {said}") from None


@contextmanager
def _engine(database: Database) -> Iterator[Engine]:
    with _disposed(database.engine()) as engine:
        yield engine


@contextmanager
def _disposed(engine: Engine) -> Iterator[Engine]:
    try:
        yield engine
    finally:
        engine.dispose()
