"""What is there before a test's run: tables filled from sample files, and files copied into folders.

A table that is not there yet is made: with the types of the suite that the sample's path names, else with those that
its values have. One that an `.sql` file has made before is only filled.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Column, Engine, MetaData, NullPool, Table, create_engine, inspect
from sqlalchemy.exc import SQLAlchemyError

from mergeflow.airflow.testing.databases import Database
from mergeflow.airflow.testing.rows import HIDDEN, columns_by_secrecy, reason
from mergeflow.airflow.testing.sample_rows import GivenError, Row, rows_of, text_of, types_of
from mergeflow.airflow.testing.sample_values import OF_SUITES, UnfitError, kind_of, value_for
from mergeflow.pipeline_problems import fills_tables, leads_out
from mergeflow.pipeline_tests import TABLE_FILES

MOST_BYTES = 256 * 2**20
"""Of a sample file: it is read whole."""


def fill(database: Database, root: Path, table: str, files: Sequence[str]) -> None:
    """Fill a table from files, one after the other. Raises GivenError."""
    for path in files:
        if not fills_tables(path):
            raise GivenError(f"`{path}` is none of {', '.join(TABLE_FILES)}, from which a table can be filled")
        file = file_of(root, path)
        try:
            if path.endswith(".sql"):
                _run_script(database, text_of(file, path), root)
            else:
                _insert(database, table, list(rows_of(file, path)), types_of(root, path), path)
        except SQLAlchemyError as error:
            said = reason(error, is_secret=bool(columns_by_secrecy(root)[0]))
            raise GivenError(f"`{path}` cannot be put into the table `{table}`: {said}") from None
        except UnfitError as error:
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


def _insert(database: Database, table: str, rows: list[Row], types: Mapping[str, str], path: str) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with _engine(database) as engine:
        target = _reflected(engine, table, names, path)
        if target is None:
            kinds = {
                name: OF_SUITES[types[name]] if name in types else kind_of([row.get(name) for row in rows])
                for name in names
            }
            if not names:
                raise GivenError(f"`{path}` has no rows, so nobody can tell the columns of the table `{table}`")
            schema, _, name = table.rpartition(".")
            columns = [Column(each, kind()) for each, kind in kinds.items()]
            target = Table(name, MetaData(), *columns, schema=schema or None)
            target.create(engine)
        converted = [{name: value_for(target.c[name], row.get(name)) for name in names} for row in rows]
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
