"""The tables, and the few statements in which SQLite, PostgreSQL and MySQL differ."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, Self

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Engine,
    Insert,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    inspect,
)
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateTable

if TYPE_CHECKING:
    from airflow.sdk.types import DagRunProtocol

METADATA = MetaData()

TRANSACTIONS = Table(
    "customer_transactions",
    METADATA,
    Column("transaction_id", Integer, primary_key=True),
    Column("user_id", Integer, nullable=False),
    Column("transaction_date", DateTime, nullable=False),  # UTC
    # SQLite knows no decimals: it hands out floats, and SQLAlchemy would warn at every one of them.
    Column(
        "amount",
        Numeric(10, 2).with_variant(Numeric(10, 2, asdecimal=False), "sqlite"),
        nullable=False,
    ),
    Column("stock_symbol", Text, nullable=False),
    sqlite_autoincrement=True,  # an id is never used twice, or a new transaction would wear an old label
)

# One row per stored batch, written in the batch's own transaction: either both are there or neither.
BATCHES = Table(
    "transaction_batches",
    METADATA,
    # Run ids that differ only in case are two runs, which MySQL's usual collations deny.
    Column(
        "run_key",
        String(512).with_variant(mysql.VARCHAR(512, collation="utf8mb4_bin"), "mysql", "mariadb"),
        primary_key=True,
    ),
    Column("run_at", DateTime, nullable=False),  # UTC
    Column("row_count", Integer, nullable=False),
)

LABELS = Table(
    "labeled_transactions",
    METADATA,
    Column("transaction_id", Integer, primary_key=True, autoincrement=False),
    Column("is_fraudulent", Boolean, nullable=False),
)


class Run(NamedTuple):
    """One DAG run: what a batch is keyed by, and the moment it is for (naive UTC, whole seconds)."""

    key: str
    at: datetime

    @classmethod
    def of(cls, dag_id: str, run_id: str, at: datetime) -> Self:
        """`at` is the logical date, or `run_after` of a run that has none; naive means UTC.

        No dag_id holds a slash, so no two runs share a key.
        """
        if not dag_id or not run_id:
            raise ValueError("a run needs a dag_id and a run_id: they keep a retry from storing twice")
        utc = at.astimezone(UTC) if at.tzinfo else at
        return cls(f"{dag_id}/{run_id}", utc.replace(tzinfo=None, microsecond=0))

    @classmethod
    def of_dag_run(cls, dag_run: "DagRunProtocol") -> Self:
        """The run out of a task's context: manual and REST runs may have no logical date."""
        return cls.of(dag_run.dag_id, dag_run.run_id, dag_run.logical_date or dag_run.run_after)


def create_missing(engine: Engine, *tables: Table) -> None:
    """Create the tables that are not there; safe when two processes do it at once.

    PostgreSQL may refuse the slower of two `CREATE TABLE IF NOT EXISTS` with a duplicate key in its own
    catalogue. The table is there then, which is all that was wanted. An account that may not create
    tables is never asked to where they exist.
    """
    for table in tables:
        if inspect(engine).has_table(table.name):
            continue
        try:
            with engine.begin() as connection:
                connection.execute(CreateTable(table, if_not_exists=True))
        except DBAPIError:
            if not inspect(engine).has_table(table.name):
                raise


def insert_ignore(table: Table, engine: Engine) -> Insert:
    """An INSERT that passes over rows whose primary key is there already, and keeps those as they are.

    Its `rowcount` is the number of rows that went in: SQLAlchemy keeps it for an INSERT only when asked.
    """
    statement: Insert
    match engine.dialect.name:
        case "sqlite":
            statement = sqlite.insert(table).on_conflict_do_nothing()
        case "postgresql":
            statement = postgresql.insert(table).on_conflict_do_nothing()
        case _:
            statement = mysql.insert(table).prefix_with("IGNORE")
    return statement.execution_options(preserve_rowcount=True)
