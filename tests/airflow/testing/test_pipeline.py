"""Pipeline tests: the DAG really runs, on throw-away databases, and what does not hold is told with what broke it."""

import os
from pathlib import Path

import pytest

from mergeflow.airflow.testing import pipeline
from mergeflow.tested import Kind, Status, Tested
from tests.airflow.testing.orders import BASH, SAMPLE, dag, files_of, run, write

pytestmark = pytest.mark.live

GIVEN = {"orders_db": {"orders": SAMPLE}}
CONNECTIONS = {"orders_db": "sqlite", "out": "folder"}
VARIABLES = {"region": "Europe"}


@pytest.fixture(scope="module", autouse=True)
def _preloaded() -> None:
    pipeline.preload()


def one(root: Path, made: dict[str, object], scratch: Path) -> Tested:
    write(root, {"orders": made})
    before = files_of(root)
    (found,) = run(root, "orders", scratch)
    assert files_of(root) == before
    return found


def test_a_dag_that_does_what_is_expected_passes(tmp_path: Path) -> None:
    data = [
        {"conn_id": "orders_db", "table": "orders", "rows": 4},
        {"conn_id": "orders_db", "query": "SELECT DISTINCT at FROM orders", "rows": [4, None]},
        {"conn_id": "out", "file": "report.csv", "rows": 1},
    ]
    test = {
        "runs": 2,
        "logical_date": "2026-11-02T10:30:00",
        "connections": CONNECTIONS,
        "variables": VARIABLES,
        "params": {"amount": 7},
        "given": GIVEN,
        "expect": {"tasks": {"load": "success"}, "data": data},
    }
    made = dag("load", test, date="{{ ts }}", amount="{{ dag_run.conf.amount }}") | {"params": {"amount": 1}}
    found = one(tmp_path / "root", made, tmp_path / "scratch")
    assert (found.status, found.message) == (Status.PASSED, "")
    assert (found.kind, found.path, found.name) == (Kind.PIPELINE, "configs/team/orders.yaml", "orders::run")
    assert found.line > 1
    assert {"preparing Airflow", "run 1: task `load`", "run 2: task `load`"} <= {each.name for each in found.steps}
    assert sum(each.seconds for each in found.steps) <= found.seconds


def test_rows_that_break_what_is_expected_are_shown(tmp_path: Path) -> None:
    data = [
        {"conn_id": "orders_db", "query": "SELECT amount FROM orders WHERE amount < 0", "rows": 0},
        {"conn_id": "orders_db", "table": "orders", "rows": [50, 200]},
    ]
    test = {"connections": CONNECTIONS, "variables": VARIABLES, "given": GIVEN, "expect": {"data": data}}
    found = one(tmp_path / "root", dag("load", test, date="2026-01-03 10:00:00.000000"), tmp_path / "scratch")
    assert found.status is Status.FAILED
    assert found.message.splitlines() == [
        "the query of `orders_db` has 1 row, and 0 are expected",
        "  amount",
        "  -3.0",
        "table `orders` of `orders_db` has 3 rows, and 50 to 200 are expected",
        "  amount  at",
        "  9.5     2026-01-01 10:00:00",
        "  -3.0    2026-01-02 10:00:00",
        "  1.0     2026-01-03 10:00:00",
    ]


def test_a_task_that_fails_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    made = dag("raises", {"expect": {"data": []}})
    made["default_args"] = {"owner": "team", "retries": 2, "retry_delay": 300}
    found = one(tmp_path / "root", made, tmp_path / "scratch")
    assert found.status is Status.FAILED
    first, second, *log = found.message.splitlines()
    assert first == "the run of 2026-01-01T00:00:00+00:00 is `failed`, and `success` is expected"
    assert second == "task `load` is `failed` after 3 tries; its log ends:"
    assert any(line.strip() == "ValueError: no such column: amount" for line in log)
    assert any("looking for the orders" in line for line in log), found.message


def test_a_failure_may_be_what_is_expected(tmp_path: Path) -> None:
    test = {"expect": {"state": "failed", "tasks": {"load": "failed", "after": "upstream_failed"}}}
    made = dag("raises", test)
    made["tasks"]["after"] = {"operator": BASH, "bash_command": "true", "dependencies": ["load"]}  # type: ignore[index]
    assert one(tmp_path / "root", made, tmp_path / "scratch").status is Status.PASSED


def test_nothing_of_the_developer_s_machine_is_there_and_its_folder_is_the_test_s_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_THEIRS", "postgres://theirs")
    monkeypatch.setenv("AIRFLOW_VAR_THEIRS", "theirs")
    here = Path.cwd()
    found = one(tmp_path / "root", dag("knows", {}), tmp_path / "scratch")
    assert (found.status, found.message) == (Status.PASSED, "")
    assert Path.cwd() == here
    assert os.environ["AIRFLOW_VAR_THEIRS"] == "theirs"
    assert (tmp_path / "scratch" / "0" / "work" / "here").exists()
