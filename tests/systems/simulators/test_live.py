"""Simulators in a real Airflow, against the real site: each as often as it says, and through a site that is down."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import httpx
import pytest

from mergeflow.airflow.client import Task
from mergeflow.airflow.local.supervisor import LocalAirflow
from tests.live import PATIENCE
from tests.services.site import SiteServer
from tests.systems.live_airflow import LiveAirflow

pytestmark = [pytest.mark.live, pytest.mark.service]

QUICK = "simulator_1_dag"
UNKNOWN = "simulator_99_dag"
WATCHED = 20.0
"""Seconds."""


@dataclass(frozen=True)
class Simulators:
    """A running Airflow that has the shipped simulators, and their site."""

    airflow: LocalAirflow
    site: SiteServer

    def results(self) -> list[dict[str, Any]]:
        """What simulator 1 has stored, the oldest first."""
        url = f"{self.site.url}/results/?simulator=1&page_size=1000"
        return list(reversed(httpx.get(url, trust_env=False, timeout=PATIENCE).json()["results"]))

    def tasks(self, state: str) -> list[tuple[str, Task]]:
        """The runs of simulator 1 whose task is in this state."""
        client = self.airflow.client
        runs = [run.run_id for run in client.runs(QUICK, state="running")]
        return [(run_id, task) for run_id in runs for task in client.tasks(QUICK, run_id) if task.state == state]

    def eventually(self, what: Callable[[], Any], seconds: float = PATIENCE) -> Any:
        """What it returns, as soon as that is true."""
        end = time.monotonic() + seconds
        while not (found := what()):
            self.airflow.check()
            assert time.monotonic() < end, self.logs()[-4000:]
            time.sleep(0.2)
        return found

    def logs(self) -> str:
        """All that Airflow and its tasks have logged."""
        files = sorted(self.airflow.settings.logs.rglob("*.log"), key=lambda file: file.stat().st_mtime)
        return "\n".join(file.read_text(errors="replace") for file in files)


@pytest.fixture(scope="module")
def simulators(live: LiveAirflow, kpi_site: SiteServer) -> Iterator[Simulators]:
    airflow = live.local
    airflow.wait_until_live([QUICK, "simulator_2_dag", UNKNOWN])
    airflow.client.unpause(QUICK)
    yield Simulators(airflow, kpi_site)
    airflow.client.pause(QUICK)


def test_a_kpi_that_the_site_does_not_have_fails_its_task_at_once(simulators: Simulators) -> None:
    client = simulators.airflow.client
    url = f"{simulators.site.url}/kpi/"
    login = (simulators.site.user, simulators.site.password)
    asked = httpx.post(url, json={"value": 1, "kpi_id": 99}, auth=login, trust_env=False, timeout=PATIENCE)
    assert asked.status_code == 404
    run = client.trigger(UNKNOWN, unpause=True)
    assert client.wait_for_run(UNKNOWN, run.run_id, timeout=PATIENCE).state == "failed"
    assert [(each.state, each.try_number) for each in client.tasks(UNKNOWN, run.run_id)] == [("failed", 1)]
    assert "POST /kpi/: 404: there is no KPI 99" in simulators.logs()


def test_every_two_seconds_a_result_is_stored_for_each_successful_run(simulators: Simulators) -> None:
    first, *_ = simulators.eventually(simulators.results)
    since = datetime.now(UTC) - datetime.fromisoformat(first["time"])
    time.sleep(max(0.0, WATCHED - since.total_seconds()))
    succeeded = {run.run_id for run in simulators.airflow.client.runs(QUICK, state="success")}
    results = simulators.results()
    started = {run.run_id for run in simulators.airflow.client.runs(QUICK)}
    stored = [row["run_id"] for row in results]
    assert len(stored) == len(set(stored))
    assert succeeded <= set(stored) <= started
    assert all(row["result"] == row["value"] + 2 and 1 <= row["value"] <= 100 for row in results)
    moments = [datetime.fromisoformat(row["time"]) for row in results]
    assert sum((each - moments[0]).total_seconds() <= WATCHED for each in moments) >= 7, moments
    gaps = sorted((later - earlier).total_seconds() for earlier, later in pairwise(moments))
    assert 1.5 <= gaps[len(gaps) // 2] <= 2.9, gaps


def test_a_site_that_is_down_costs_one_retry_and_no_dag(simulators: Simulators) -> None:
    client = simulators.airflow.client
    before = {dag.dag_id for dag in client.dags()}
    assert {QUICK, "simulator_2_dag", UNKNOWN} <= before
    simulators.site.stop()
    (run_id, task), *_ = simulators.eventually(lambda: simulators.tasks("up_for_retry"))
    assert task.try_number == 1
    simulators.site.start()
    assert client.wait_for_run(QUICK, run_id, timeout=PATIENCE).state == "success"
    assert [(each.state, each.try_number) for each in client.tasks(QUICK, run_id)] == [("success", 2)]
    assert [row["run_id"] for row in simulators.results()].count(run_id) == 1
    assert "the site of connection `kpi_site` does not answer: ConnectionError" in simulators.logs()
    live = {dag.dag_id: dag for dag in client.dags()}
    assert set(live) == before
    assert not any(dag.stale or dag.import_errors for dag in live.values())


def test_the_token_is_in_no_log(simulators: Simulators) -> None:
    logs = simulators.logs()
    assert "simulator 1: KPI 1 of" in logs
    assert simulators.site.password not in logs
