"""Both forms in a real Airflow on a Git bundle: connections in Airflow's database, tasks in the LocalExecutor."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from callables.transactions.generator import draw_batch
from callables.transactions.tables import TRANSACTIONS, Run
from mergeflow.airflow.connections import engine as engine_of
from tests.services.server import Server
from tests.systems.live_airflow import LiveAirflow
from tests.systems.transactions.databases import Databases, run_at

FORMS = ["generate_transaction_and_labels", "generate_transaction_and_labels_python"]
FINISHED = {"success", "failed"}

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def airflow(live: LiveAirflow) -> LiveAirflow:
    """The tests follow each other as an operator's day would."""
    live.local.wait_until_live(FORMS)
    return live


@pytest.fixture
def sqlite(airflow: LiveAirflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Databases]:
    files = [tmp_path / "databases" / name for name in ("transactions.db", "labels.db")]
    yield from _connected(airflow, [{"conn_type": "sqlite", "host": str(file)} for file in files], monkeypatch)


@pytest.fixture
def two_servers(
    airflow: LiveAirflow, servers: Databases, postgres_server: Server, mariadb_server: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Databases]:  # fmt: skip
    assert servers.transaction_rows() == []
    yield from _connected(airflow, [postgres_server.connection(), mariadb_server.connection()], monkeypatch)


def test_unpausing_gives_the_latest_run_alone_and_it_fills_sqlite(airflow: LiveAirflow, sqlite: Databases) -> None:
    started = datetime.now(UTC)
    for dag_id in FORMS:
        airflow.local.client.unpause(dag_id)
    airflow.wait_until(lambda: all(airflow.runs(dag_id) for dag_id in FORMS))
    airflow.wait_until(lambda: all(_finished(airflow, dag_id) for dag_id in FORMS))
    for dag_id in FORMS:
        airflow.local.client.pause(dag_id)
        runs = airflow.runs(dag_id)
        assert {run["state"] for run in runs} == {"success"}, airflow.logs()[-6000:]
        assert {run["run_type"] for run in runs} == {"scheduled"}
        oldest = min(datetime.fromisoformat(run["logical_date"]) for run in runs)
        assert oldest >= started - timedelta(minutes=30)
    assert {key.split("/")[0] for key in sqlite.batch_keys()} == set(FORMS)
    assert sorted(sqlite.label_rows()) == sqlite.transaction_ids()


@pytest.mark.service
def test_a_manual_run_fills_postgres_and_mariadb_and_shows_no_password(
    airflow: LiveAirflow, two_servers: Databases, postgres_server: Server, tmp_path: Path
) -> None:
    canary = tmp_path / "canary"
    symbols = [f"$(touch {canary})", f"'; touch {canary}; '", 'A"B', "Ç&D"]
    for dag_id in FORMS:
        airflow.local.client.unpause(dag_id)
        airflow.local.client.trigger(dag_id, run_id="manual:1+x", conf={"symbols": symbols, "fraud_rate": 1})
    airflow.wait_until(lambda: all(_finished(airflow, dag_id) for dag_id in FORMS))
    for dag_id in FORMS:
        airflow.local.client.pause(dag_id)
        assert {run["state"] for run in airflow.runs(dag_id)} == {"success"}, airflow.logs()[-6000:]

    stored = [tuple(row)[1:] for row in two_servers.transaction_rows()]
    for dag_id in FORMS:
        run = next(run for run in airflow.runs(dag_id) if run["dag_run_id"] == "manual:1+x")
        assert run["logical_date"] is None
        moment = datetime.fromisoformat(run["run_after"])
        drawn = draw_batch(Run.of(dag_id, "manual:1+x", moment), symbols)
        assert {tuple(row.values()) for row in drawn} <= set(stored)
    assert not canary.exists()
    assert {f"{dag_id}/manual:1+x" for dag_id in FORMS} <= set(two_servers.batch_keys())
    assert sorted(two_servers.label_rows()) == two_servers.transaction_ids()

    logs = airflow.logs()
    assert "transactions of generate_transaction_and_labels/manual:1+x stored: " in logs
    assert "labels stored by generate_transaction_and_labels/manual:1+x: " in logs
    scripts, functions = (airflow.rendered(dag_id, "manual:1+x") for dag_id in FORMS)
    assert {"/versions/" in fields["env"]["DAGS"] for fields in scripts if "env" in fields} == {
        True
    }  # pinned to the commit
    assert [fields["env"].get("FRAUD_RATE") for fields in scripts if "env" in fields] == [None, "1"]
    assert [fields["op_kwargs"].get("fraud_rate") for fields in functions if "op_kwargs" in fields] == [None, 1]
    shown = logs + json.dumps([scripts, functions])
    assert postgres_server.password not in shown
    assert json.dumps(postgres_server.password)[1:-1] not in shown


def test_a_batch_that_breaks_its_suite_stops_at_the_gate_and_shows_the_rows(
    airflow: LiveAirflow, sqlite: Databases
) -> None:
    """The suite is that of the commit, which the run is pinned to; there is no second try."""
    sqlite.generate(run_at(1))
    lately = datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=2)
    wrong = update(TRANSACTIONS).where(TRANSACTIONS.c.transaction_id == 7).values(user_id=11, transaction_date=lately)
    with sqlite.transactions.begin() as connection:
        connection.execute(wrong)
    dag_id = FORMS[0]
    airflow.local.client.unpause(dag_id)
    run_id = airflow.local.client.trigger(dag_id).run_id
    airflow.wait_until(lambda: _finished(airflow, dag_id))
    airflow.local.client.pause(dag_id)
    tasks = airflow.tasks(dag_id, run_id)
    assert {task_id: (task["state"], task["try_number"]) for task_id, task in tasks.items()} == {
        "generate_transactions": ("success", 1),
        "check_transactions": ("failed", 1),
        "generate_labels": ("upstream_failed", 0),
        "check_labels": ("upstream_failed", 0),
    }
    assert sqlite.label_rows() == {}
    assert "such as 11 (transaction_id 7)" in airflow.logs()


def _finished(airflow: LiveAirflow, dag_id: str) -> bool:
    """Whether every run has ended, or one of their tasks needs a second try."""
    runs = airflow.runs(dag_id)
    states = [task["state"] for run in runs for task in airflow.tasks(dag_id, run["dag_run_id"]).values()]
    assert "up_for_retry" not in states, airflow.logs()[-6000:]
    return all(run["state"] in FINISHED for run in runs)


def _connected(
    airflow: LiveAirflow, described: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Databases]:
    """The databases behind Airflow's connections; this process reads them through its own environment."""
    for conn_id, connection in zip(("transactions_db", "labels_db"), described, strict=True):
        airflow.connect(conn_id, connection)
        monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(connection))
    databases = Databases(engine_of("transactions_db"), engine_of("labels_db"))
    yield databases
    databases.transactions.dispose()
    databases.labels.dispose()
