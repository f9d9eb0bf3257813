"""A suite of twenty tests is merged, becomes a DAG, and runs where the connections are."""

from typing import Any
from urllib.parse import quote

import pytest

from mergeflow.airflow.client import Run
from mergeflow.airflow.local.supervisor import LocalAirflow
from tests.faults.fleet import DAGS, Fleet
from tests.live import eventually, until_live

pytestmark = pytest.mark.live

STUB = """\
from mergeflow.airflow import load_test_dag

load_test_dag(globals(), "smoke", "tests/smoke", source="start", sink="report", junit="{junit}/{{run_id}}.xml")
"""

ORDERS = '''\
"""Twenty tests."""

import pytest
from airflow.sdk import Variable


@pytest.fixture(scope="module")
def ledger():
    made = ["opened"]
    yield made
    made.append("closed")


@pytest.fixture
def unreachable():
    raise ConnectionError("the shop does not answer")


@pytest.fixture
def leaking():
    yield
    raise OSError("the door does not close")


@pytest.mark.parametrize("currency", ["eur", "us dollar", "£/€[1]::x", "", "a" * 300])
def test_total(currency):
    pass


class TestLedger:
    def test_is_opened(self, ledger):
        assert ledger == ["opened"]

    def test_is_opened_once(self, ledger):
        assert ledger == ["opened"]


def test_is_in_airflow(task_ctx, dag):
    """It sees what its task does."""
    assert task_ctx["dag_run"].dag_id == dag.dag_id == "smoke"
    assert Variable.get("nobody_has_set_this", default="as it must be") == "as it must be"


def test_says_something(caplog):
    print("said by the test")


def test_has_a_folder(tmp_path):
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_slow():
    pass


@pytest.mark.xfail(reason="ticket 7")
def test_known():
    assert [1, 2] == [1, 3]


@pytest.mark.xfail(reason="ticket 8")
def test_known_but_passes():
    pass


@pytest.mark.skip(reason="only on Mondays")
def test_skipped():
    raise AssertionError


def test_skips_itself():
    pytest.skip("no data yet")


def test_wrong():
    found = {"rows": 3}
    assert found == {"rows": 4}


@pytest.mark.xfail(strict=True, reason="ticket 9")
def test_strict():
    pass


def test_cannot_begin(unreachable):
    pass


def test_cannot_end(leaking):
    pass


def test_ends_everything():
    import os

    os._exit(3)
'''
PYTEST_INI = """\
[pytest]
addopts = --strict-config --strict-markers
filterwarnings = error
markers = slow: takes long
"""

EXPECTED = {
    **dict.fromkeys(
        ("test_wrong", "test_strict", "test_cannot_begin", "test_cannot_end", "test_ends_everything"), "failed"
    ),
    **dict.fromkeys(("test_skipped", "test_skips_itself"), "skipped"),
}
"""The states of the tasks that are no success."""


def xcom(airflow: LocalAirflow, run: Run, task_id: str, key: str = "return_value") -> Any:
    path = f"/api/v2/dags/{run.dag_id}/dagRuns/{quote(run.run_id)}/taskInstances/{task_id}/xcomEntries/{key}"
    return airflow.client._http.call("GET", f"{path}?deserialize=true")["value"]


def test_twenty_tests_are_merged_and_run(fleet: Fleet, tmp_path: Any) -> None:
    airflow, client = fleet.airflow, fleet.airflow.client
    suite = {
        "dags/smoke_tests.py": STUB.format(junit=tmp_path),
        "tests/smoke/test_orders.py": ORDERS,
        "pytest.ini": PYTEST_INI,
    }
    until_live(airflow, ["smoke"], fleet.origin.push(suite))
    assert fleet.live() == DAGS | {"smoke"}

    run = airflow.wait_for_run(client.trigger("smoke", unpause=True), timeout=240)
    states = {task.task_id: task.state for task in client.tasks("smoke", run.run_id)}
    assert len(states) == 22
    assert run.state == "failed"
    of_tests = {task_id: state for task_id, state in states.items() if task_id not in ("start", "report")}
    assert {
        task_id.removeprefix("test_orders-"): state for task_id, state in of_tests.items() if state != "success"
    } == EXPECTED
    assert (states["start"], states["report"]) == ("success", "failed")

    summary = xcom(airflow, run, "report")
    counts = {
        key: summary[key] for key in ("total", "passed", "failed", "error", "skipped", "xfailed", "xpassed", "left_out")
    }
    assert counts == {
        "total": 20, "passed": 11, "failed": 2, "error": 3, "skipped": 2, "xfailed": 1, "xpassed": 1, "left_out": 0
    }  # fmt: skip
    messages = {each["node"].partition("::")[2]: each["message"] for each in summary["failures"]}
    assert "assert {'rows': 3} == {'rows': 4}" in messages["test_wrong"]
    assert "the shop does not answer" in messages["test_cannot_begin"]
    assert "has told nothing" in messages["test_ends_everything"]
    assert "2 failed, 3 error" in "\n".join(client.logs("smoke", run.run_id, "report"))
    assert "said by the test" in "\n".join(client.logs("smoke", run.run_id, "test_orders-test_says_something"))
    (junit,) = tmp_path.glob("*.xml")
    assert 'tests="20" failures="2" errors="3" skipped="3"' in junit.read_text()


def test_a_run_may_choose_and_a_merged_test_is_a_task_at_once(fleet: Fleet, tmp_path: Any) -> None:
    airflow, client = fleet.airflow, fleet.airflow.client
    suite = {
        "dags/smoke_tests.py": STUB.format(junit=tmp_path),
        "tests/smoke/test_orders.py": ORDERS,
        "pytest.ini": PYTEST_INI,
    }
    until_live(airflow, ["smoke"], fleet.origin.push(suite))
    more = "\n\n@pytest.mark.slow\ndef test_merged():\n    pass\n"
    until_live(airflow, ["smoke"], fleet.origin.push({"tests/smoke/test_orders.py": ORDERS + more}))

    run = airflow.wait_for_run(client.trigger("smoke", conf={"marks": ["slow"]}, unpause=True), timeout=120)
    tasks = client.tasks("smoke", run.run_id)
    assert {task.task_id for task in tasks if task.state == "success"} == {
        "start", "report", "test_orders-test_slow", "test_orders-test_merged"
    }  # fmt: skip
    assert run.state == "success"
    assert xcom(airflow, run, "report")["left_out"] == 19

    fleet.origin.push({"tests/smoke/test_orders.py": "import nothing_of_this_name\n"})
    eventually(airflow, client.import_errors, "an error is shown")
    (error,) = client.import_errors()
    assert error.file.endswith("smoke_tests.py")
    assert "ModuleNotFoundError: No module named 'nothing_of_this_name'" in error.text
    assert "Traceback" not in error.text.splitlines()[0]
    assert fleet.live() == DAGS
