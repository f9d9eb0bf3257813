"""What a test expects of data by suites: each held against what is there, and the rows that broke it."""

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, MetaData, Table, and_, or_, select
from sqlalchemy.exc import SQLAlchemyError

from mergeflow.airflow.testing.rows import MOST_ROWS, as_lines
from mergeflow.pipeline_tests import ExpectedData

if TYPE_CHECKING:
    from mergeflow.quality.result import Result
    from mergeflow.quality.suite import Suite

Hidden = Callable[[Sequence[str]], Collection[str]]
"""Which of these columns must not be shown."""


def of_database(root: Path, each: ExpectedData, engine: Engine, hidden: Hidden) -> Iterator[str]:
    """What a table or a query makes of a suite, where something critical does not hold."""

    def work(suite: "Suite") -> Iterator[str]:
        from mergeflow.quality.batch import of_query, of_table
        from mergeflow.quality.masking import masking_of
        from mergeflow.quality.validate import validate

        masking = masking_of(suite)
        is_table = each.source == "table"
        batch = of_table(engine, each.what, masking=masking) if is_table else of_query(engine, each.what, masking)
        try:
            result = validate(suite, batch)
        finally:
            batch.close()
        if result.stopping:
            rows = _rows_behind(engine, each.what, result, hidden) if is_table else []
            yield "\n".join([str(result), *rows])

    yield from _told(root, each, work)


def of_folder(root: Path, each: ExpectedData, file: Path) -> Iterator[str]:
    """What a file makes of a suite, where something critical does not hold."""

    def work(suite: "Suite") -> Iterator[str]:
        from mergeflow.quality.frames import of_file
        from mergeflow.quality.rows import broken_rows
        from mergeflow.quality.types import MOMENTS
        from mergeflow.quality.validate import validate

        batch = of_file(file, each.what, [column.name for column in suite.columns if column.type in MOMENTS])
        result = validate(suite, batch)
        if result.stopping:
            rows = broken_rows(result, batch.data.dataframe, suite)
            yield "\n".join([str(result), *(f"  {row}" for row in rows)])

    yield from _told(root, each, work)


def _told(root: Path, each: ExpectedData, work: Callable[["Suite"], Iterator[str]]) -> Iterator[str]:
    """What came of it; what keeps the data from being looked at is told, too, and never taken for a pass."""
    try:
        from mergeflow.quality.batch import BatchError
        from mergeflow.quality.importing import import_great_expectations
        from mergeflow.quality.suite import SuiteError, read_suite

        try:
            suite = read_suite(root, str(each.suite))
            import_great_expectations()
            try:
                yield from work(suite)
            except (BatchError, ImportError):
                raise
            except Exception as error:
                if not any(column.sensitive for column in suite.columns):
                    raise
                said = f"{type(error).__name__}, and what that says is not shown: it may quote a sensitive column"
                yield f"suite `{each.suite}`: {said}"
        except SuiteError as error:
            yield str(error)
        except BatchError as error:
            yield f"suite `{each.suite}`: {error}"
    except ImportError as error:
        yield f"suite `{each.suite}`: {error}; it comes with `mergeflow[quality]`"


def _rows_behind(engine: Engine, table: str, result: "Result", hidden: Hidden) -> list[str]:
    """The first rows of a table that are among the examples of what does not hold: by their keys, or their values."""
    schema, _, name = table.rpartition(".")
    found = Table(name, MetaData(), schema=schema or None, autoload_with=engine)
    secret = set(hidden(list(found.c.keys())))
    conditions = []
    for outcome in result.stopping:
        column = outcome.expectation.parameters.get("column")
        for example in outcome.examples:
            if example.key and all(each in found.c for each in example.key):
                conditions.append(and_(*(found.c[each] == value for each, value in example.key.items())))
            elif isinstance(column, str) and column in found.c and column not in secret and _is_plain(example.value):
                conditions.append(found.c[column] == example.value)
    if not conditions:
        return []
    try:
        with engine.connect() as connection:
            rows = connection.execute(select(found).where(or_(*conditions)).limit(MOST_ROWS)).fetchall()
    except SQLAlchemyError:
        return []  # a value that the database gave in another form; what is broken is told without its rows
    return as_lines(list(found.c.keys()), rows, len(rows), secret)


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)
