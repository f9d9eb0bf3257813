"""What ends up in the databases: once per run, one label per transaction, first label for ever."""

import random
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, event, inspect

from callables.transactions import labels as labels_module
from callables.transactions.tables import LABELS, TRANSACTIONS, create_missing
from tests.systems.transactions.databases import Databases, run_at


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan"), "0.5", None])
def test_a_fraud_rate_outside_0_to_1_is_refused(databases: Databases, rate: float) -> None:
    with pytest.raises(ValueError, match="fraud_rate must be a number between 0 and 1"):
        databases.label(run_at(1), rate)


def test_one_run_on_empty_databases_stores_a_batch_and_its_labels(databases: Databases) -> None:
    stored = databases.generate(run_at(1))
    labeled = databases.label(run_at(1))
    rows = databases.transaction_rows()
    assert 50 <= len(rows) <= 200
    assert {row.user_id for row in rows} == set(range(1, 11))
    assert all(value is not None for row in rows for value in row)
    assert {row.stock_symbol for row in rows} <= {"AAPL", "TSLA", "OR.PA"}
    assert all(5 <= row.amount <= 500 and round(row.amount, 2) == row.amount for row in rows)
    assert sorted(databases.label_rows()) == databases.transaction_ids()
    assert stored == {"run_key": run_at(1).key, "rows": len(rows), "already_stored": False}
    assert labeled == {"run_key": run_at(1).key, "labels": len(rows)}


def test_a_second_run_adds_a_batch_and_changes_no_label(databases: Databases) -> None:
    databases.generate(run_at(1))
    databases.label(run_at(1))
    first, first_labels = databases.transaction_rows(), databases.label_rows()
    stored = databases.generate(run_at(2))
    databases.label(run_at(2), 1 if not all(first_labels.values()) else 0)
    assert 50 <= stored["rows"] <= 200
    assert databases.transaction_rows()[: len(first)] == first
    assert len(databases.transaction_rows()) == len(first) + stored["rows"]
    assert {id_: databases.label_rows()[id_] for id_ in first_labels} == first_labels
    assert sorted(databases.label_rows()) == databases.transaction_ids()


def test_the_same_run_again_stores_nothing(databases: Databases) -> None:
    databases.generate(run_at(1))
    before = databases.transaction_rows()
    again = databases.generate(run_at(1))
    assert again == {"run_key": run_at(1).key, "rows": 0, "already_stored": True}
    assert databases.transaction_rows() == before
    assert databases.batch_keys() == [run_at(1).key]


def test_run_ids_that_differ_in_case_are_two_runs(databases: Databases) -> None:
    for key in ("dag/manual", "dag/MANUAL"):
        databases.generate(run_at(1)._replace(key=key))
    assert sorted(databases.batch_keys()) == ["dag/MANUAL", "dag/manual"]


def test_a_batch_is_one_insert(databases: Databases) -> None:
    inserts = _statements(databases.transactions, "INSERT INTO customer_transactions")
    databases.generate(run_at(1))
    assert len(inserts) == 1


def test_a_run_at_half_past_midnight_leaves_no_transaction_of_yesterday_unlabeled(databases: Databases) -> None:
    run = run_at(2, hour=0, minute=30)
    databases.generate(run)
    dates = {row.transaction_date.date() for row in databases.transaction_rows()}
    assert run.at.date() - timedelta(days=1) in dates
    databases.label(run)
    assert sorted(databases.label_rows()) == databases.transaction_ids()


def test_an_old_gap_in_a_long_history_is_closed_and_nothing_else_is_read(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labels_module, "BUCKET", 50)
    old = datetime(2024, 1, 1)  # noqa: DTZ001
    databases.add_transactions(list(range(1, 201)), old)
    databases.label(run_at(1))
    databases.add_transactions([205, 301], old)
    with databases.labels.begin() as connection:
        connection.execute(LABELS.delete().where(LABELS.c.transaction_id == 70))
    before = databases.label_rows()
    reads = _statements(databases.transactions, "SELECT customer_transactions.transaction_id")
    assert databases.label(run_at(2))["labels"] == 3
    assert len(reads) == 3
    after = databases.label_rows()
    assert sorted(after) == databases.transaction_ids()
    assert {id_: after[id_] for id_ in before} == before


def test_an_id_that_another_labeler_labels_meanwhile_keeps_that_label(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    databases.generate(run_at(1))
    draw = labels_module.draw_labels
    first: dict[int, bool] = {}

    def draw_late(ids: list[int], fraud_rate: float, seed: random.Random) -> list[labels_module.Label]:
        monkeypatch.setattr(labels_module, "draw_labels", draw)
        assert databases.label(run_at(1), 0)["labels"] == len(ids)
        first.update(databases.label_rows())
        return draw(ids, fraud_rate, seed)

    monkeypatch.setattr(labels_module, "draw_labels", draw_late)
    assert databases.label(run_at(2), 1)["labels"] == 0
    assert databases.label_rows() == first
    assert not any(first.values())


def test_an_id_is_never_used_again_after_its_transaction_was_deleted(databases: Databases) -> None:
    databases.generate(run_at(1))
    last = databases.transaction_ids()[-1]
    with databases.transactions.begin() as connection:
        connection.execute(TRANSACTIONS.delete().where(TRANSACTIONS.c.transaction_id == last))
    databases.generate(run_at(2))
    assert last not in databases.transaction_ids()


def test_the_columns_are_the_contracts(databases: Databases) -> None:
    databases.generate(run_at(1))
    databases.label(run_at(1))
    columns = inspect(databases.transactions).get_columns("customer_transactions")
    assert [column["name"] for column in columns] == [
        "transaction_id", "user_id", "transaction_date", "amount", "stock_symbol",
    ]  # fmt: skip
    assert not any(column["nullable"] for column in columns)
    assert (columns[3]["type"].precision, columns[3]["type"].scale) == (10, 2)
    labels = inspect(databases.labels).get_columns("labeled_transactions")
    assert [(column["name"], column["nullable"]) for column in labels] == [
        ("transaction_id", False), ("is_fraudulent", False),
    ]  # fmt: skip


def test_tables_that_appear_meanwhile_are_taken_as_they_are(databases: Databases) -> None:
    create_missing(databases.transactions, TRANSACTIONS)
    create_missing(databases.transactions, TRANSACTIONS)
    assert databases.transaction_rows() == []


def _statements(engine: Engine, start: str) -> list[str]:
    """The statements with this beginning that `engine` runs from now on."""
    seen: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if " ".join(statement.split()).startswith(start):
            seen.append(statement)

    return seen
