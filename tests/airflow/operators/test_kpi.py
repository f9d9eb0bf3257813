"""The operator of a simulator, against the real site: what it stores, what it repeats, and what it says goes wrong."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from mergeflow.airflow.operators.kpi import KpiOperator, draw
from tests.services.server import free_port
from tests.services.site import SiteServer, site

pytestmark = pytest.mark.service

Run = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def server() -> Iterator[SiteServer]:
    with site() as running:
        yield running


@pytest.fixture
def run(server: SiteServer, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Execute the operator once, with the site's connection or another."""

    def execute(run_id: str, **arguments: Any) -> dict[str, Any]:
        connection = server.connection() | arguments.pop("but", {})
        monkeypatch.setenv("AIRFLOW_CONN_KPI_SITE", json.dumps(connection))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        task = KpiOperator(task_id="run_simulator_1", **{"kpi": 1, "simulator": 1, **arguments})
        return task.execute({"run_id": run_id})  # type: ignore[typeddict-item]

    return execute


def stored(server: SiteServer, simulator: int = 1) -> dict[str, tuple[float, float]]:
    rows = httpx.get(f"{server.url}/results/?simulator={simulator}&page_size=1000", trust_env=False, timeout=60).json()[
        "results"
    ]
    assert len(rows) == len({row["run_id"] for row in rows})
    return {row["run_id"]: (row["value"], row["result"]) for row in rows}


def test_the_site_calculates_and_keeps_the_result(server: SiteServer, run: Run) -> None:
    row = run("scheduled__1", kpi=2)
    assert row["result"] == row["value"] + 6
    assert stored(server)["scheduled__1"] == (row["value"], row["result"])


def test_a_retry_stores_nothing_twice_and_returns_what_is_stored(server: SiteServer, run: Run) -> None:
    first = run("scheduled__2")
    assert run("scheduled__2") == first
    assert run("scheduled__2", kpi=2) == first
    assert list(stored(server)).count("scheduled__2") == 1


def test_two_simulators_keep_a_result_each_of_runs_with_one_id(server: SiteServer, run: Run) -> None:
    run("scheduled__3")
    run("scheduled__3", simulator=2)
    assert "scheduled__3" in stored(server, 1)
    assert "scheduled__3" in stored(server, 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kpi": 99}, "POST /kpi/: 404: there is no KPI 99"),
        ({"simulator": 99}, "POST /results/: 404: there is no simulator 99"),
        ({"but": {"password": "not-the-token"}}, "POST /kpi/: 401: Invalid token."),
        ({"but": {"schema": "http", "host": "127.0.0.1/elsewhere", "port": None}}, None),
        ({"http_conn_id": "nowhere"}, "there is no connection `nowhere`"),
    ],
)
def test_what_the_site_refuses_fails_without_a_retry(
    run: Run, server: SiteServer, arguments: dict[str, Any], message: str | None
) -> None:
    if message is None:
        arguments["but"]["host"] = f"127.0.0.1:{server.port}/elsewhere"
        message = "POST /kpi/: 404: Not Found"
    with pytest.raises(AirflowFailException) as refused:
        run("scheduled__refused", **arguments)
    assert str(refused.value) == message
    assert refused.value.__cause__ is None
    assert "scheduled__refused" not in stored(server)


def test_a_site_that_is_down_is_worth_a_retry(run: Run) -> None:
    with pytest.raises(AirflowException) as down:
        run("scheduled__4", but={"port": free_port()})
    assert not isinstance(down.value, AirflowFailException)
    assert str(down.value) == "the site of connection `kpi_site` does not answer: ConnectionError"


def test_a_retry_in_another_process_draws_the_same_number() -> None:
    program = "from mergeflow.airflow.operators.kpi import draw; print(draw(1, 'scheduled__5'))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout.splitlines()[-1]) == draw(1, "scheduled__5")


def test_every_number_from_1_to_100_is_drawn_and_no_other() -> None:
    drawn = [draw(1, f"scheduled__{i}") for i in range(5000)]
    assert set(drawn) == set(range(1, 101))
    assert max(map(drawn.count, range(1, 101))) < 3 * min(map(drawn.count, range(1, 101)))


def test_the_token_stands_nowhere(
    server: SiteServer, run: Run, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        run("scheduled__6")
    said = "".join((caplog.text, *capfd.readouterr()))
    assert "simulator 1: KPI 1 of" in said
    assert server.password not in said
    assert tuple(KpiOperator(task_id="t", kpi=1, simulator=1).template_fields) == ()
