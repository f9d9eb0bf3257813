"""`mergeflow status` names each state that a DAG in a real Airflow can be in, and waits for the one that is wanted."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from mergeflow.airflow.client import Run as AirflowRun
from mergeflow.airflow.local.settings import USER
from mergeflow.airflow.local.supervisor import LocalAirflow
from tests.conftest import Ran, Run
from tests.faults.fleet import DAGS, FILES, ORDERS, STOCK, Fleet
from tests.live import PATIENCE, eventually, until_live
from tests.services.git_server import GitServer

pytestmark = pytest.mark.live

ORDERS_FILE, STOCK_FILE = "configs/shop/orders.yaml", "configs/stock/stock.yaml"
LONG = "180"
"""Seconds that a change may take on a busy machine."""

Status = Callable[..., Ran]


@pytest.fixture
def status(mergeflow: Run, airflow: LocalAirflow, fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> Status:
    """The command as a job after a merge calls it."""
    client = airflow.client
    monkeypatch.setenv("MERGEFLOW_AIRFLOW_URL", client.url)
    monkeypatch.setenv("MERGEFLOW_AIRFLOW_USER", USER)
    monkeypatch.setenv("MERGEFLOW_AIRFLOW_PASSWORD", client._http._login["password"])
    return lambda *arguments: mergeflow("status", *arguments, cwd=fleet.origin.root)


@pytest.fixture
def states(status: Status) -> Callable[..., dict[str, Any]]:
    """The state of each DAG, the exit code being right for them."""

    def ask(*arguments: str) -> dict[str, Any]:
        ran = status("--format", "json", *arguments)
        told = json.loads(ran.out)
        assert ran.code == (0 if told["in_sync"] else 1)
        return {each["dag_id"]: each["state"] for each in told["dags"]}

    return ask


@contextmanager
def away(server: GitServer) -> Iterator[None]:
    """Nobody can fetch, so Airflow stays at the commit that it has."""
    server.stop()
    try:
        yield
    finally:
        server.start()


def test_all_is_synced_or_paused(fleet: Fleet, states: Callable[..., dict[str, Any]]) -> None:
    assert states("--wait", LONG) == dict.fromkeys(DAGS, "Synced")
    fleet.airflow.client.pause("refunds")
    try:
        assert states() == dict.fromkeys(DAGS, "Synced") | {"refunds": "Paused"}
    finally:
        fleet.airflow.client.unpause("refunds")


def test_a_merge_that_airflow_has_not_fetched(
    fleet: Fleet, git_server: GitServer, status: Status, states: Callable[..., dict[str, Any]]
) -> None:
    with away(git_server):
        old = fleet.origin.head()
        new = fleet.origin.push(
            {
                ORDERS_FILE: ORDERS.replace("echo orders", "echo ORDERS").replace("refunds:", "fresh:"),
                STOCK_FILE: f"# a comment changes no DAG\n{STOCK}",
            }
        )
        expected = dict.fromkeys(DAGS, "Synced") | {"orders": "OutOfSync", "fresh": "Missing", "refunds": "Orphan"}
        assert states() == expected
        assert states("--commit", old) == dict.fromkeys(DAGS, "Synced")
        said = status()
        assert f"expected {new[:7]} (main)\n" in said.out
        assert "differs in task say" in said.out
        waited = status("--wait", "2")
        assert (waited.code, waited.err) == (1, "3 of 6 DAGs in sync; 1 Missing, 1 Orphan, 1 OutOfSync\n")
    assert states("--wait", LONG) == dict.fromkeys(DAGS - {"refunds"}, "Synced") | {"fresh": "Paused"}
    assert fleet.airflow.client.dag("refunds").stale  # the history of what is removed is no orphan


def test_a_dag_that_its_commit_refuses_is_not_waited_for(fleet: Fleet, status: Status) -> None:
    fleet.origin.push({ORDERS_FILE: ORDERS.replace("schedule:", "shedule:", 1)})
    said = status("--wait", "3600")
    assert (said.code, said.err) == (1, "")
    assert "orders  configs/shop/orders.yaml:2:3: unknown key `shedule`" in said.out
    fleet.until_error()
    assert "orders  configs/shop/orders.yaml:2:3: unknown key `shedule`" in status().out


def test_what_only_airflow_finds_wrong_in_a_config(
    fleet: Fleet, states: Callable[..., dict[str, Any]], status: Status
) -> None:
    """This repository has no catalog, so a check does not know what BashOperator takes."""
    fleet.origin.push({ORDERS_FILE: ORDERS.replace("bash_command", "bash_comand")})
    fleet.until_error()
    assert states() == dict.fromkeys(DAGS, "Synced") | {"orders": "Error"}
    assert "orders  configs/shop/orders.yaml:1:1: Airflow cannot build `orders`" in status().out


def test_a_stub_that_only_airflow_finds_broken(
    fleet: Fleet, states: Callable[..., dict[str, Any]], status: Status
) -> None:
    fleet.origin.push({"dags/stock.py": "from mergeflow.airflow import load_dags\n\nraise ValueError('by hand')\n"})
    until_import_error(fleet, "stock.py")
    assert states() == dict.fromkeys(DAGS, "Synced") | {"stock": "Error", "returns": "Error"}
    assert "stock.py cannot be loaded" in (said := status()).out
    assert "by hand" in said.out
    fleet.origin.push({"dags/stock.py": FILES["dags/stock.py"]})
    assert states("--wait", LONG) == dict.fromkeys(DAGS, "Synced")


def test_a_stub_that_makes_no_dags(fleet: Fleet, states: Callable[..., dict[str, Any]]) -> None:
    fleet.origin.push({"dags/stock.py": "# from mergeflow.airflow import load_dags, one day\n"})
    fleet.until_live(DAGS - {"stock", "returns"})
    assert states() == dict.fromkeys(DAGS, "Synced") | {"stock": "Stale", "returns": "Stale"}


def test_a_reverted_merge_is_waited_for(fleet: Fleet, states: Callable[..., dict[str, Any]]) -> None:
    """What docs/rollback.md says, command by command."""
    merged = fleet.origin.push({ORDERS_FILE: ORDERS.replace("say:", "shout:").replace("refunds:", "wrong:")})
    assert states("--wait", LONG) == dict.fromkeys(DAGS - {"refunds"}, "Synced") | {"wrong": "Paused"}
    shouted = fleet.run("orders")
    assert shouted.commit == merged

    fleet.origin.git("revert", "--no-edit", "HEAD")
    assert states("--wait", LONG) == dict.fromkeys(DAGS, "Synced")
    until_live(fleet.airflow, ["orders"], fleet.origin.head())
    assert not fleet.airflow.client.dag("refunds").paused
    assert shouted in fleet.airflow.client.runs("orders")
    again(fleet, shouted)
    assert [task.task_id for task in fleet.airflow.client.tasks("orders", shouted.run_id)] == ["shout"]
    assert fleet.airflow.client.dag("wrong").stale


def again(fleet: Fleet, run: AirflowRun) -> None:
    """Clear a run, as somebody does in Airflow, and wait for its success."""
    fleet.airflow.client._http.call("POST", f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}/clear", {"dry_run": False})
    after = fleet.airflow.wait_for_run(run, timeout=PATIENCE)
    assert (after.state, after.commit) == ("success", run.commit)


def until_import_error(fleet: Fleet, file: str) -> None:
    client = fleet.airflow.client
    eventually(fleet.airflow, lambda: any(each.file == file for each in client.import_errors()), f"{file} fails")
