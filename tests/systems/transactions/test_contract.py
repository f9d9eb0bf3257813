"""The YAML says what the contract says, in both forms, built as in Airflow."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from airflow.sdk import DAG

from callables.transactions.generator import generate_transactions
from callables.transactions.labels import generate_labels
from mergeflow.airflow.dagfactory import build
from mergeflow.compiler import compile_project
from mergeflow.files import read
from mergeflow.project import load

ROOT = Path(__file__).resolve().parents[3]
DEFAULTS = ("configs/defaults.yml", "configs/transactions/defaults.yml")
FORMS = {
    "generate.yaml": "generate_transaction_and_labels",
    "generate_python.yaml": "generate_transaction_and_labels_python",
}


@pytest.fixture(params=FORMS)
def dag(request: pytest.FixtureRequest) -> DAG:
    paths = (*DEFAULTS, f"configs/transactions/{request.param}")
    (compiled,) = compile_project(load({path: read(ROOT, path) for path in paths}))
    assert compiled.dag_id == FORMS[request.param]
    return build(compiled)


def test_the_schedule_is_every_half_hour_since_2024_without_the_years_between(dag: DAG) -> None:
    assert dag.schedule == "*/30 * * * *"
    assert dag.start_date == datetime(2024, 1, 1, tzinfo=UTC)
    assert dag.catchup is False
    assert dag.max_active_runs == 1
    assert dag.description == "Génère des données toutes les 30 minutes"


def test_a_gate_is_behind_each_task_and_each_is_retried_once_after_2_minutes(dag: DAG) -> None:
    in_turn = ["generate_transactions", "check_transactions", "generate_labels", "check_labels"]
    assert dag.task_ids == in_turn
    for before, after in pairwise(in_turn):
        assert dag.get_task(after).upstream_task_ids == {before}
    for task in dag.tasks:
        assert (task.owner, task.depends_on_past) == ("airflow", False)
        assert (task.retries, task.retry_delay) == (1, timedelta(minutes=2))


def test_symbols_and_fraud_rate_are_params(dag: DAG) -> None:
    symbols = ["AAPL", "TSLA", "GOOGL", "AMZN", "MSFT", "OR.PA", "BNP.PA", "AIR.PA"]
    assert dag.params.dump() == {"symbols": symbols, "fraud_rate": 0.5}


def test_one_form_runs_scripts_and_the_other_functions(dag: DAG) -> None:
    tasks = [dag.get_task("generate_transactions"), dag.get_task("generate_labels")]
    if dag.dag_id.endswith("_python"):
        assert [task.python_callable for task in tasks] == [generate_transactions, generate_labels]
        return
    for task, script in zip(tasks, ("transaction_generator", "detection_generator"), strict=True):
        assert task.bash_command == f'"$PYTHON" "$DAGS/scripts/transactions/{script}.py"'
        assert (ROOT / "dags" / "scripts" / "transactions" / f"{script}.py").is_file()
