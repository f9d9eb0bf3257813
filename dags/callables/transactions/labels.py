"""Give every transaction that has none its fraud label; a label once given stays."""

import random
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple, TypedDict

from sqlalchemy import Column, Engine, func, literal_column, select

from callables.transactions.tables import LABELS, TRANSACTIONS, Run, create_missing, insert_ignore
from mergeflow.airflow.connections import engine as engine_of

if TYPE_CHECKING:
    from airflow.sdk.types import DagRunProtocol

BUCKET: Final = 5000  # ids that are read, compared and stored together: what memory and one INSERT hold


class Label(TypedDict):
    """One row of `labeled_transactions`."""

    transaction_id: int
    is_fraudulent: bool


class Labeled(TypedDict):
    """What a task reports: the labels that this try has stored."""

    run_key: str
    labels: int


class Content(NamedTuple):
    """What tells two buckets apart without reading them."""

    rows: int
    total: int


def generate_labels(
    transactions_conn_id: str, labels_conn_id: str, dag_run: "DagRunProtocol", fraud_rate: float = 0.5
) -> Labeled:
    """Label what has no label yet, between two Airflow connections; for a PythonOperator."""
    transactions, labels = engine_of(transactions_conn_id), engine_of(labels_conn_id)
    try:
        return store_labels(transactions, labels, Run.of_dag_run(dag_run), fraud_rate)
    finally:
        transactions.dispose()
        labels.dispose()


def store_labels(transactions: Engine, labels: Engine, run: Run, fraud_rate: float) -> Labeled:
    """Label the whole backlog, whatever day it is from, one transaction per bucket of ids.

    An earlier label, also one that another process stores meanwhile, is kept. Stopped half-way, the next
    try goes on where this one was.
    """
    if not isinstance(fraud_rate, int | float) or not 0 <= fraud_rate <= 1:
        raise ValueError(f"fraud_rate must be a number between 0 and 1, not {fraud_rate!r}")
    create_missing(transactions, TRANSACTIONS)
    create_missing(labels, LABELS)
    draw = random.Random(run.key)  # noqa: S311  (test data)
    stored = 0
    for ids in _unlabeled(transactions, labels):
        rows = draw_labels(ids, fraud_rate, draw)
        with labels.begin() as connection:
            stored += connection.execute(insert_ignore(LABELS, labels).values(rows)).rowcount
    return {"run_key": run.key, "labels": stored}


def draw_labels(ids: Iterable[int], fraud_rate: float, draw: random.Random) -> list[Label]:
    """A label for each id, fraudulent with the probability `fraud_rate`."""
    return [{"transaction_id": id_, "is_fraudulent": draw.random() < fraud_rate} for id_ in ids]


def _unlabeled(transactions: Engine, labels: Engine) -> Iterator[list[int]]:
    """The ids without a label, ascending, bucket by bucket; buckets that are equal are never read.

    A long history costs each database one walk along its primary key, and this process one pair of
    numbers per bucket.
    """
    have = _contents(labels, LABELS.c.transaction_id)
    for bucket, content in _contents(transactions, TRANSACTIONS.c.transaction_id).items():
        if content == have.get(bucket):
            continue
        labeled = set(_ids(labels, LABELS.c.transaction_id, bucket))
        missing = [i for i in _ids(transactions, TRANSACTIONS.c.transaction_id, bucket) if i not in labeled]
        if missing:
            yield missing


def _contents(engine: Engine, id_: Column[int]) -> dict[int, Content]:
    """Count and sum of the ids in each bucket, in the order of the buckets."""
    bucket = (id_ // literal_column(str(BUCKET))).label("bucket")
    query = select(bucket, func.count(), func.sum(id_)).group_by(bucket).order_by(bucket)
    with engine.connect() as connection:
        return {int(n): Content(rows, int(total)) for n, rows, total in connection.execute(query)}


def _ids(engine: Engine, id_: Column[int], bucket: int) -> list[int]:
    """The ids in one bucket, ascending."""
    query = select(id_).where(id_ >= bucket * BUCKET, id_ < (bucket + 1) * BUCKET).order_by(id_)
    with engine.connect() as connection:
        return list(connection.scalars(query))
