"""The data that a suite is held against: a table or a query of a database, where it stays, or a file."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mergeflow.quality.outcome import cut
from mergeflow.quality.types import of_frame, of_sql

if TYPE_CHECKING:
    from pandas import DataFrame
    from sqlalchemy import Engine

_BIND = re.compile(r"(?<![:\w\\]):(?=\w)")
"""What SQLAlchemy would take for a parameter: a colon that is neither `::` nor behind a word."""


class BatchError(Exception):
    """Data that cannot be looked at; its text is one sentence for the user."""


@dataclass(frozen=True)
class Batch:
    """One batch of data; `execution` and `data` are Great Expectations' own."""

    name: str
    execution: Any
    data: Any
    types: Mapping[str, str] = field(default_factory=dict)
    """Each column's type in Mergeflow's words, as far as it is known."""
    key: tuple[str, ...] = ()
    """The columns that name a row."""

    def close(self) -> None:
        """Let go of the database; Great Expectations keeps a connection open where others would not see its tables."""
        if hasattr(self.execution, "close"):  # a frame's has nothing to let go of
            self.execution.close()


def of_table(engine: "Engine", table: str) -> Batch:
    """A table or view, `name` or `schema.name`; nothing of it is read here. Raises BatchError."""
    from sqlalchemy import inspect
    from sqlalchemy.exc import SQLAlchemyError

    schema, _, name = table.rpartition(".")
    try:
        inspector = inspect(engine)
        columns = inspector.get_columns(name, schema or None)
        key = inspector.get_pk_constraint(name, schema or None)["constrained_columns"]
    except SQLAlchemyError as error:
        if type(error).__name__ == "NoSuchTableError":
            raise BatchError(f"there is no table `{table}`") from None
        raise BatchError(f"table `{table}` cannot be read: {reason(error)}") from None
    types = {each["name"]: of_sql(each["type"]) for each in columns}
    return _in_database(engine, f"table `{table}`", types, tuple(key), table_name=name, schema_name=schema or None)


def of_query(engine: "Engine", query: str) -> Batch:
    """What a SELECT gives; it runs inside each of Great Expectations' own queries. Raises BatchError."""
    from sqlalchemy import column, text
    from sqlalchemy.exc import SQLAlchemyError

    query = "\n" + _BIND.sub(r"\:", query.strip().rstrip(";")) + "\n"  # on lines of its own: it may end in a comment
    try:
        with engine.connect() as connection:
            names = list(connection.execute(text(f"SELECT * FROM ({query}) AS batch WHERE 1 = 0")).keys())  # noqa: S608 - the user's own
    except SQLAlchemyError as error:
        raise BatchError(f"the query cannot be run: {reason(error)}") from None
    return _in_database(engine, "the query", {}, columns=names, selectable=text(query).columns(*map(column, names)))


def of_file(file: Path, name: str, moments: list[str]) -> Batch:
    """A CSV, JSON-lines or Parquet file, read whole; the columns `moments` are read as dates. Raises BatchError."""
    frame = read_frame(file, name, moments)
    from great_expectations.execution_engine import PandasExecutionEngine
    from great_expectations.execution_engine.pandas_batch_data import PandasBatchData

    execution = PandasExecutionEngine()
    types = {str(column): of_frame(frame[column]) for column in frame.columns}
    return Batch(f"file `{name}`", execution, PandasBatchData(execution, frame), types)


def reason(error: Exception) -> str:
    """The first line of what a database said, without the statement that it said it about."""
    return cut(str(getattr(error, "orig", None) or error).partition("\n")[0])


def _in_database(
    engine: "Engine",
    name: str,
    types: Mapping[str, str],
    key: tuple[str, ...] = (),
    columns: list[str] | None = None,
    **what: Any,
) -> Batch:
    """No temporary table: an account that may only read is enough.

    To learn a query's columns, Great Expectations would run it and let the driver fetch every row: so it is told them.
    """
    from great_expectations.execution_engine import SqlAlchemyExecutionEngine
    from great_expectations.execution_engine.sqlalchemy_batch_data import SqlAlchemyBatchData

    class Told(SqlAlchemyExecutionEngine):  # type: ignore[misc]
        """Asks nobody for the columns; is its own inspector."""

        def get_inspector(self) -> "Told":
            return self

        def get_columns(self, **_: object) -> list[dict[str, object]]:
            return [{"name": each} for each in columns or ()]

        def get_pk_constraint(self, **_: object) -> dict[str, list[str]]:
            return {"constrained_columns": []}

    execution = (SqlAlchemyExecutionEngine if columns is None else Told)(engine=engine, create_temp_table=False)
    return Batch(name, execution, SqlAlchemyBatchData(execution, create_temp_table=False, **what), types, key)


def read_frame(file: Path, name: str, moments: list[str]) -> "DataFrame":
    """Opened here and not by pandas, which would also fetch what an address names."""
    import pandas as pd

    try:
        with file.open("rb") as stream:
            match file.suffix:
                case ".csv":
                    frame = pd.read_csv(stream)
                case ".jsonl":
                    frame = pd.read_json(stream, lines=True)
                case ".parquet":
                    frame = pd.read_parquet(stream)
                case other:
                    raise BatchError(f"file `{name}` is none of .csv, .jsonl and .parquet, but `{other}`")
    except OSError as error:
        raise BatchError(f"file `{name}` cannot be read: {str(error.strerror).lower()}") from None
    except (ValueError, ImportError) as error:  # pandas' own errors, and text that is not UTF-8, are ValueErrors
        raise BatchError(f"file `{name}` cannot be read: {reason(error)}") from None
    for column in set(moments) & set(frame.columns):
        with suppress(ValueError):  # it stays text then, and that is what is reported
            frame[column] = pd.to_datetime(frame[column], format="ISO8601")
    return frame
