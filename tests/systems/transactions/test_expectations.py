"""The suites of both tables against what the pipeline stores, on SQLite and on both servers, through the operator."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException
from sqlalchemy import insert, update

from callables.transactions.tables import LABELS, TRANSACTIONS
from mergeflow.airflow.dagfactory import build
from mergeflow.airflow.operators.expectations import ExpectationsOperator
from mergeflow.compiler import compile_project
from mergeflow.files import read
from mergeflow.project import load
from tests.quality.quietly import import_great_expectations
from tests.systems.transactions.conftest import ROOT
from tests.systems.transactions.databases import Databases, run_at

QUERY = "SELECT * FROM customer_transactions WHERE transaction_date < '2025-01-02' AND stock_symbol LIKE '%A%'"
DUE = datetime(2025, 1, 1, 12, tzinfo=UTC)
"""When `run_at(1)` was."""
PATHS = ["configs/defaults.yml", "configs/transactions/defaults.yml", "configs/transactions/generate_python.yaml"]


class Pushed(dict[str, Any]):
    """A task instance that remembers what was pushed."""

    def xcom_push(self, key: str, value: Any) -> None:
        self[key] = value


@pytest.fixture(scope="module")
def dag() -> DAG:
    """The DAG as Airflow gets it from this repository."""
    import_great_expectations()
    (compiled,) = compile_project(load({path: read(ROOT, path) for path in PATHS}))
    built = build(compiled)
    built.fileloc = str(ROOT / "dags/transactions.py")
    return built


@pytest.fixture
def run(dag: DAG) -> Callable[[str], dict[str, Any]]:
    def execute(task_id: str) -> dict[str, Any]:
        context = {"ti": Pushed(), "dag_run": SimpleNamespace(run_after=DUE)}
        summary: dict[str, Any] = dag.get_task(task_id).execute(context)  # type: ignore[attr-defined]
        return summary

    return execute


def test_what_the_pipeline_stores_holds(run: Callable[[str], dict[str, Any]], databases: Databases) -> None:
    databases.generate(run_at(1))
    databases.label(run_at(1))
    for task_id, expectations in (("check_transactions", 20), ("check_labels", 9)):
        summary = run(task_id)
        assert (summary["success"], summary["warnings"], summary["errors"]) == (True, 0, 0), summary
        assert summary["passed"] == summary["expectations"] == expectations


def test_what_breaks_a_suite_is_shown_by_its_rows(run: Callable[[str], dict[str, Any]], databases: Databases) -> None:
    databases.generate(run_at(1))
    databases.label(run_at(1))
    at = datetime(2025, 1, 1, 10)  # noqa: DTZ001  (UTC, as the table holds it)
    wrong = {"transaction_id": 90001, "user_id": 11, "transaction_date": at, "amount": 0.5, "stock_symbol": "ÇA"}
    with databases.transactions.begin() as connection:
        connection.execute(insert(TRANSACTIONS).values(wrong))
    with pytest.raises(AirflowFailException) as caught:
        run("check_transactions")
    rows = len(databases.transaction_rows())
    lines = [line.strip() for line in str(caught.value).splitlines()]
    assert lines[0] == (
        "suite `transactions/customer_transactions`: 3 of 20 expectations are broken on table `customer_transactions`,"
        " `transaction_date` from 2025-01-01 08:00:00 UTC to 2025-01-01 12:00:00 UTC"
    )
    for line, wanted in zip(
        lines[1:],
        [
            (f"critical: expect_column_values_to_be_between (column: user_id, min_value: 1, max_value: 10): 1 of {rows}"
             " values, such as 11 (transaction_id 90001)"),
            f"critical: expect_column_values_to_be_between (column: amount, min_value: 5, max_value: 500): 1 of {rows}",
            "warning: expect_column_values_to_be_in_set (column: stock_symbol, value_set: ",
        ],
        strict=True,
    ):  # fmt: skip
        assert line.startswith(wanted)
        assert line.endswith(" (transaction_id 90001)")


def test_an_empty_table_breaks_its_suite_and_nothing_else(
    run: Callable[[str], dict[str, Any]], databases: Databases
) -> None:
    databases.generate(run_at(1))
    databases.label(run_at(1))
    with databases.labels.begin() as connection:
        connection.execute(LABELS.delete())
    with pytest.raises(AirflowFailException, match=r"1 of 9 expectations is broken .*\n.*row_count.*: observed 0$"):
        run("check_labels")


def test_a_query_holds_the_batch_of_one_run(run: Callable[[str], dict[str, Any]], databases: Databases) -> None:
    for day in (1, 2):
        databases.generate(run_at(day))
    del run  # which has imported Great Expectations
    with DAG("by_query", schedule=None) as dag:
        task = ExpectationsOperator(
            task_id="check",
            suite="transactions/customer_transactions",
            conn_id="transactions_db",
            query=QUERY,
        )
    dag.fileloc = str(ROOT / "dags/transactions.py")
    pushed = Pushed()
    assert task.execute({"ti": pushed})["success"] is True  # type: ignore[typeddict-item]
    with databases.transactions.begin() as connection:
        earlier = TRANSACTIONS.c.transaction_date < datetime(2025, 1, 2)  # noqa: DTZ001
        connection.execute(update(TRANSACTIONS).where(~earlier).values(user_id=12))
    assert task.execute({"ti": pushed})["success"] is True  # type: ignore[typeddict-item]
    with databases.transactions.begin() as connection:
        connection.execute(update(TRANSACTIONS).where(earlier).values(user_id=12))
    with pytest.raises(AirflowFailException, match=r"values, such as 12, 12, 12, 12, 12"):
        task.execute({"ti": pushed})  # type: ignore[typeddict-item]
