"""What the two databases hold, read with plain queries; and runs to fill them with."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine, Table, insert, inspect, select

from callables.transactions.generator import Stored, store_batch
from callables.transactions.labels import Labeled, store_labels
from callables.transactions.tables import BATCHES, LABELS, TRANSACTIONS, Run, create_missing

SYMBOLS = ["AAPL", "TSLA", "OR.PA"]


class Databases(NamedTuple):
    """Where the transactions are, and where their labels are."""

    transactions: Engine
    labels: Engine

    def generate(self, run: Run) -> Stored:
        return store_batch(self.transactions, run, SYMBOLS)

    def label(self, run: Run, fraud_rate: float = 0.5) -> Labeled:
        return store_labels(self.transactions, self.labels, run, fraud_rate)

    def transaction_rows(self) -> list[Any]:
        return _rows(self.transactions, TRANSACTIONS)

    def transaction_ids(self) -> list[int]:
        return [row.transaction_id for row in self.transaction_rows()]

    def label_rows(self) -> dict[int, bool]:
        return {row.transaction_id: row.is_fraudulent for row in _rows(self.labels, LABELS)}

    def batch_keys(self) -> list[str]:
        return [row.run_key for row in _rows(self.transactions, BATCHES)]

    def add_transactions(self, ids: list[int], at: datetime) -> None:
        """Transactions that something else stored, with ids and a date of our choice."""
        create_missing(self.transactions, TRANSACTIONS)
        rows = [
            {
                "transaction_id": id_,
                "user_id": 1,
                "transaction_date": at,
                "amount": 5,
                "stock_symbol": "AAPL",
            }
            for id_ in ids
        ]
        with self.transactions.begin() as connection:
            for start in range(0, len(rows), 5000):
                connection.execute(insert(TRANSACTIONS).values(rows[start : start + 5000]))


def run_at(number: int, hour: int = 12, minute: int = 0) -> Run:
    """The scheduled run of day `number`."""
    at = datetime(2025, 1, number, hour, minute)  # noqa: DTZ001  (UTC, as the tables hold it)
    return Run.of("generate_transaction_and_labels", f"scheduled__{at.isoformat()}", at)


def empty(databases: Databases) -> None:
    """Drop every table that a test may have left behind."""
    for engine in databases:
        with engine.begin() as connection:
            for table in (TRANSACTIONS, BATCHES, LABELS):
                table.drop(connection, checkfirst=True)


def _rows(engine: Engine, table: Table) -> list[Any]:
    if not inspect(engine).has_table(table.name):
        return []
    with engine.connect() as connection:
        return list(connection.execute(select(table).order_by(*table.primary_key)))
