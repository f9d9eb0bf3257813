"""The data that a suite is held against: of a database a table, a part of one or a query. It stays where it is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mergeflow.quality.importing import import_great_expectations
from mergeflow.quality.masking import NOTHING, Masking
from mergeflow.quality.outcome import cut
from mergeflow.quality.types import of_sql
from mergeflow.quality.window import Window

if TYPE_CHECKING:
    from sqlalchemy import Engine, Select

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

    @property
    def source(self) -> Any:
        """Of a database's batch, what a SELECT takes its rows from."""
        found = self.data.selectable
        return found.subquery() if hasattr(found, "subquery") else found

    def close(self) -> None:
        """Let go of the database; Great Expectations keeps a connection open where others would not see its tables."""
        if hasattr(self.execution, "close"):  # a frame's has nothing to let go of
            self.execution.close()
            # When it is collected it would close again, whenever that is: the engine may be another batch's by then,
            # whose open connection would be lost.
            self.execution.close = _nothing


def _nothing() -> None:
    """What closing again does."""


def of_table(engine: "Engine", table: str, window: Window | None = None, masking: Masking = NOTHING) -> Batch:
    """A table or view, `name` or `schema.name`, or a window of it; nothing of it is read here. Raises BatchError."""
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
        raise BatchError(f"table `{table}` cannot be read: {reason(error, masking)}") from None
    kinds = {each["name"]: each["type"] for each in columns}
    types = {column: of_sql(kind) for column, kind in kinds.items()}
    called = f"table `{table}`"
    if window is None:
        return _in_database(engine, called, types, tuple(key), table_name=name, schema_name=schema or None)
    part = _part(window, kinds, (name, schema), engine.dialect.name)
    return _in_database(engine, f"{called}, {window}", types, tuple(key), columns=list(kinds), selectable=part)


def _part(window: Window, kinds: Mapping[str, Any], where: tuple[str, str], dialect: str) -> "Select[Any]":
    from sqlalchemy import column, select, table

    name, schema = where
    if window.column not in kinds:
        raise BatchError(f"table `{name}` has no column `{window.column}`, by which its window is told")
    columns = [column(each, kind) for each, kind in kinds.items()]
    kind = kinds[window.column]
    condition = window.where(column(window.column, kind), kind, dialect)
    if condition is None:
        found = f"column `{window.column}` of table `{name}` is {of_sql(kind)}"
        raise BatchError(f"{found}, and a window is told by dates or timestamps")
    return select(*columns).select_from(table(name, *columns, schema=schema or None)).where(condition)


def of_query(engine: "Engine", query: str, masking: Masking = NOTHING) -> Batch:
    """What a SELECT gives; it runs inside each of Great Expectations' own queries. Raises BatchError."""
    from sqlalchemy import column, text
    from sqlalchemy.exc import SQLAlchemyError

    query = "\n" + _BIND.sub(r"\:", query.strip().rstrip(";")) + "\n"  # on lines of its own: it may end in a comment
    try:
        with engine.connect() as connection:
            names = list(connection.execute(text(f"SELECT * FROM ({query}) AS batch WHERE 1 = 0")).keys())  # noqa: S608 - the user's own
    except SQLAlchemyError as error:
        raise BatchError(f"the query cannot be run: {reason(error, masking)}") from None
    if twice := _twice(names, engine.dialect.name):
        raise BatchError(f"the query has two columns `{twice}`, and nobody knows which of them is meant")
    return _in_database(engine, "the query", {}, columns=names, selectable=text(query).columns(*map(column, names)))


def _twice(names: list[str], dialect: str) -> str:
    """A name that two columns have, as a database compares them: some would hold the first against a suite.

    Of a query within a query, SQLite calls the second `name:1`.
    """
    plain = [re.sub(r":\d+$", "", name) if dialect == "sqlite" else name for name in names]
    folded = [name if dialect == "postgresql" else name.casefold() for name in plain]
    return next((plain[i] for i, name in enumerate(folded) if name in folded[:i]), "")


def reason(error: Exception, masking: Masking = NOTHING) -> str:
    """The first line of what a database said, without the statement that it said it about, and without its values."""
    said = getattr(error, "orig", None) or error
    kind = type(said)
    line = str(said).partition("\n")[0]
    return cut(masking.said(f"({kind.__module__}.{kind.__name__}) {line}") if masking.columns else line)


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
    import_great_expectations(arrow=False)
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
