"""Draw a batch of customer transactions and store it, once per DAG run."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypedDict

from sqlalchemy import Engine, insert

from callables.transactions.tables import BATCHES, TRANSACTIONS, Run, create_missing, insert_ignore
from mergeflow.airflow.connections import engine as engine_of

if TYPE_CHECKING:
    from airflow.sdk.types import DagRunProtocol

USERS: Final = range(1, 11)
ROWS_PER_USER: Final = (5, 20)
CENTS: Final = (500, 50_000)
SECONDS_BEFORE_RUN: Final = (3600, 4 * 3600 - 1)  # the run's own fraction of a second stays inside 4 h


class Transaction(TypedDict):
    """One row of `customer_transactions`; the database gives the id."""

    user_id: int
    transaction_date: datetime
    amount: Decimal
    stock_symbol: str


class Stored(TypedDict):
    """What a task reports: `rows` that this try has stored, 0 where an earlier one did."""

    run_key: str
    rows: int
    already_stored: bool


def generate_transactions(conn_id: str, symbols: Sequence[str], dag_run: "DagRunProtocol") -> Stored:
    """Store the batch of `dag_run` behind the Airflow connection `conn_id`; for a PythonOperator."""
    engine = engine_of(conn_id)
    try:
        return store_batch(engine, Run.of_dag_run(dag_run), symbols)
    finally:
        engine.dispose()


def store_batch(engine: Engine, run: Run, symbols: Sequence[str]) -> Stored:
    """Store the batch of `run` in one transaction, unless it is stored.

    The run's key goes in first. A second process with the same key waits there until the first has
    committed, and then stores nothing; if the first dies, its transaction is gone and the second stores.
    """
    rows = draw_batch(run, symbols)
    create_missing(engine, TRANSACTIONS, BATCHES)
    batch = {"run_key": run.key, "run_at": run.at, "row_count": len(rows)}
    with engine.begin() as connection:
        claimed = connection.execute(insert_ignore(BATCHES, engine).values(batch)).rowcount == 1
        if claimed:
            connection.execute(insert(TRANSACTIONS).values(rows))
    return {"run_key": run.key, "rows": len(rows) if claimed else 0, "already_stored": not claimed}


def draw_batch(run: Run, symbols: Sequence[str]) -> list[Transaction]:
    """The rows of `run`: 5 to 20 for each of the 10 users. The same run always draws the same."""
    if not _is_list_of_names(symbols):
        raise ValueError(f"symbols must be a list of at least one stock symbol, not {symbols!r}")
    draw = random.Random(run.key)  # noqa: S311  (test data, and it must repeat)
    return [
        {
            "user_id": user,
            "transaction_date": run.at - timedelta(seconds=draw.randint(*SECONDS_BEFORE_RUN)),
            "amount": Decimal(draw.randint(*CENTS)).scaleb(-2),
            "stock_symbol": draw.choice(symbols),
        }
        for user in USERS
        for _ in range(draw.randint(*ROWS_PER_USER))
    ]


def _is_list_of_names(symbols: object) -> bool:
    """A lone string is a sequence too, of letters."""
    return (
        isinstance(symbols, list | tuple)
        and len(symbols) > 0
        and all(isinstance(symbol, str) and symbol.strip() for symbol in symbols)
    )
