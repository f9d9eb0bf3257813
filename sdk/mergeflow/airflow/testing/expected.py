"""What a test expects of tables, queries and files after the run, held against what is there."""

import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, MetaData, Table, func, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from mergeflow.airflow.testing.databases import Database
from mergeflow.airflow.testing.held import of_database, of_folder
from mergeflow.airflow.testing.rows import MOST_ROWS, as_lines, columns_by_secrecy, reason
from mergeflow.model import near
from mergeflow.pipeline_problems import leads_out
from mergeflow.pipeline_tests import ExpectedData


class ExpectedError(Exception):
    """Data that cannot be looked at; the text is for the user."""


def broken(root: Path, each: ExpectedData, place: Database | Path) -> Iterator[str]:
    """What of an expectation does not hold, each as a text that shows the rows, but no value of a sensitive column."""
    try:
        if isinstance(place, Path):
            yield from _of_file(root, each, place)
            return
        engine = place.engine()
        try:
            if each.rows is not None:
                yield from _rows(root, engine, each)
            if each.suite:
                yield from of_database(root, each, engine, partial(_hidden, root, each))
        finally:
            engine.dispose()
    except ExpectedError as error:
        yield str(error)
    except SQLAlchemyError as error:
        said = reason(error, is_secret=_mentions(each, columns_by_secrecy(root)[0]))
        yield f"{_named(each)} cannot be read: {said}"


def _rows(root: Path, engine: Engine, each: ExpectedData) -> Iterator[str]:
    """How many rows there are, and the first of them where these are not as many as they should be."""
    with engine.connect() as connection:
        if each.source == "table":
            table = _table(engine, each.what)
            count = int(connection.execute(select(func.count()).select_from(table)).scalar_one())
            wrong = _wrong_number(each, count)
            first = connection.execute(select(table).limit(MOST_ROWS)) if wrong else None
        else:
            query = each.what.strip().rstrip(";")
            counted = f"SELECT COUNT(*) FROM (\n{query}\n) AS expected"  # noqa: S608 - the user's own
            count = int(connection.exec_driver_sql(counted).scalar_one())
            wrong = _wrong_number(each, count)
            first = connection.exec_driver_sql(query) if wrong else None
        if wrong and first is not None:
            shown = first.fetchmany(MOST_ROWS)
            names = list(first.keys())
            yield "\n".join([wrong, *as_lines(names, shown, count, _hidden(root, each, names))])


def _table(engine: Engine, table: str) -> Table:
    """A table that is there, with its columns. Raises ExpectedError."""
    schema, _, name = table.rpartition(".")
    inspector = inspect(engine)
    if not inspector.has_table(name, schema or None):
        there = [*inspector.get_table_names(schema or None), *inspector.get_view_names(schema or None)]
        hint = near(name, there) or (f"there is {', '.join(f'`{each}`' for each in there[:8])}" if there else "")
        raise ExpectedError(f"there is no table `{table}`{f'; {hint}' if hint else ', and no other'}")
    return Table(name, MetaData(), schema=schema or None, autoload_with=engine)


def _of_file(root: Path, each: ExpectedData, folder: Path) -> Iterator[str]:
    """A file must be there; then what it holds counts."""
    file = folder / each.what
    if leads_out(each.what) or not file.resolve().is_relative_to(folder.resolve()):
        yield f"`{each.what}` is no path within the folder of `{each.conn_id}`"
        return
    if not file.is_file():
        there = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        others = f"there is {', '.join(f'`{each}`' for each in there[:8])}" if there else "the folder is empty"
        yield f"there is no file `{each.what}` in `{each.conn_id}`; {others}"
        return
    if each.rows is not None and (wrong := _wrong_number(each, _count(file, each.what))):
        yield wrong
    if each.suite:
        yield from of_folder(root, each, file)


def _count(file: Path, name: str) -> int:
    """The rows of a file. Raises ExpectedError."""
    try:
        if file.suffix == ".parquet":
            from mergeflow.quality.batch import BatchError
            from mergeflow.quality.frames import read_frame

            try:
                return len(read_frame(file, name, []))
            except BatchError as error:
                raise ExpectedError(str(error)) from None
        with file.open(encoding="utf-8-sig", newline="") as stream:
            if file.suffix == ".csv":
                return max(0, sum(1 for row in csv.reader(stream) if row) - 1)
            return sum(1 for line in stream if line.strip())
    except (OSError, ValueError, csv.Error) as error:
        raise ExpectedError(f"file `{name}` cannot be read: {error}") from None


def _wrong_number(each: ExpectedData, count: int) -> str:
    """A sentence where there are more or fewer rows than there should be."""
    least, most = each.rows or (None, None)
    if (least is None or count >= least) and (most is None or count <= most):
        return ""
    if least == most:
        wanted = f"{least:,}"
    elif most is None:
        wanted = f"at least {least:,}"
    else:
        wanted = f"at most {most:,}" if least is None else f"{least:,} to {most:,}"
    rows = "row" if count == 1 else "rows"
    return f"{_named(each)} has {count:,} {rows}, and {wanted} {'is' if wanted == '1' else 'are'} expected"


def _named(each: ExpectedData) -> str:
    """The data as the user calls it."""
    what = "the query" if each.source == "query" else f"{each.source} `{each.what}`"
    return f"{what} of `{each.conn_id}`"


def _hidden(root: Path, each: ExpectedData, names: Sequence[str]) -> Collection[str]:
    """Which of these columns must not be shown: those that any suite of the repository calls sensitive.

    A query may give such a column another name; where it mentions one, only columns that suites know are shown.
    """
    sensitive, named = columns_by_secrecy(root)
    if _mentions(each, sensitive):
        return [name for name in names if name.lower() not in named - sensitive]
    return [name for name in names if name.lower() in sensitive]


def _mentions(each: ExpectedData, sensitive: Collection[str]) -> bool:
    """Whether a query names one of these columns."""
    names = (re.search(rf"\b{re.escape(name)}\b", each.what, re.IGNORECASE) for name in sensitive)
    return each.source == "query" and any(names)


def wrong_states(expected: Mapping[str, str], found: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The tasks that are not in the state that is expected of them, each with a sentence."""
    wrong: dict[str, str] = {}
    for task, state in expected.items():
        states = found.get(task, ())
        if not states:
            wrong[task] = f"the run has no task `{task}`, which should be `{state}`"
        elif (is_now := state_of(states)) != state:
            many = f" ({states.count(is_now)} of {len(states)})" if len(states) > 1 else ""
            wrong[task] = f"task `{task}` is `{is_now}`{many}, and `{state}` is expected"
    return wrong


def state_of(states: Sequence[str]) -> str:
    """The state of a task whose instances have these, as Airflow's grid has it: the worst, but for what is skipped."""
    return next((each for each in ("failed", "upstream_failed", "success", "skipped") if each in states), states[0])
