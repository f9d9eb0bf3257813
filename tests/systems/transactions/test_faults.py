"""Processes that die or race, and servers that are down: real ones, each."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from callables.transactions.tables import Run
from mergeflow.airflow.connections import engine as engine_of
from tests.services.server import Server
from tests.systems.transactions.databases import SYMBOLS, Databases, run_at
from tests.systems.transactions.processes import SCRIPTS, Script

# Goes before a script, which runs unchanged except that `act` happens right after the INSERT that names `table`, or
# right before the commit that follows it.
PROBE = """
import os, pathlib, signal, time
from sqlalchemy import Engine, event

inserted = []

def kill():
    os.kill(os.getpid(), signal.SIGKILL)

def dawdle():
    pathlib.Path({marker!r}).touch()
    time.sleep(1)

def after_insert(connection, cursor, statement, *_):
    if statement.startswith("INSERT") and table in statement:
        inserted.append(statement)
        if not at_commit:
            act()

def before_commit(connection):
    if at_commit and inserted:
        act()

event.listen(Engine, "after_cursor_execute", after_insert)
event.listen(Engine, "commit", before_commit)
act, table, at_commit = {probe}
"""
KILLED_AFTER_CLAIM = "kill, 'transaction_batches', False"
KILLED_BEFORE_COMMIT = "kill, 'customer_transactions', True"
SLOW_TO_COMMIT = "dawdle, 'customer_transactions', True"


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., Script]:
    """Starts one of the scripts with what a task gives it, maybe after PROBE."""
    numbers = count()

    def start(name: str, run: Run, probe: str = "") -> Script:
        code = PROBE.format(probe=probe, marker=str(tmp_path / "reached")) if probe else ""
        return Script(name, environment(run), tmp_path / f"output-{next(numbers)}", code)

    return start


def environment(run: Run) -> dict[str, str]:
    """What Airflow and the YAML export to a script."""
    dag_id, run_id = run.key.split("/", 1)
    return {
        **os.environ,
        "AIRFLOW_CTX_DAG_ID": dag_id,
        "AIRFLOW_CTX_DAG_RUN_ID": run_id,
        "RUN_AT": run.at.isoformat(),
        "TRANSACTIONS_CONN_ID": "transactions_db",
        "LABELS_CONN_ID": "labels_db",
        "SYMBOLS": json.dumps(SYMBOLS),
        "FRAUD_RATE": "1",
    }


@pytest.mark.parametrize("probe", [KILLED_AFTER_CLAIM, KILLED_BEFORE_COMMIT], ids=["claimed", "inserted"])
def test_a_process_killed_inside_its_transaction_leaves_nothing_and_a_retry_one_batch(
    databases: Databases, script: Callable[..., Script], probe: str
) -> None:
    assert script("transaction_generator", run_at(1), probe).ended()[0] == -signal.SIGKILL
    assert databases.transaction_rows() == []
    assert databases.batch_keys() == []
    status, output = script("transaction_generator", run_at(1)).ended()
    assert status == 0, output
    rows = len(databases.transaction_rows())
    assert 50 <= rows <= 200
    assert f"transactions of {run_at(1).key} stored: {rows}" in output
    assert databases.generate(run_at(1))["already_stored"]
    assert len(databases.transaction_rows()) == rows


def test_of_two_processes_on_one_run_exactly_one_stores(
    databases: Databases, script: Callable[..., Script], tmp_path: Path
) -> None:
    slow = script("transaction_generator", run_at(1), SLOW_TO_COMMIT)
    while not (tmp_path / "reached").exists() and slow.runs():
        time.sleep(0.02)
    quick = databases.generate(run_at(1))  # while the other holds its transaction open
    status, output = slow.ended()
    assert status == 0, output
    assert quick == {"run_key": run_at(1).key, "rows": 0, "already_stored": True}
    assert f"stored: {len(databases.transaction_rows())}" in output
    assert databases.batch_keys() == [run_at(1).key]


def test_two_processes_that_start_together_on_empty_databases_agree(
    databases: Databases, script: Callable[..., Script]
) -> None:
    generators = [script("transaction_generator", run_at(1)) for _ in range(2)]
    outputs = [process.ended() for process in generators]
    assert [status for status, _ in outputs] == [0, 0], outputs
    assert databases.batch_keys() == [run_at(1).key]
    labelers = [script("detection_generator", run_at(1)) for _ in range(2)]
    outputs = [process.ended() for process in labelers]
    assert [status for status, _ in outputs] == [0, 0], outputs
    assert sorted(databases.label_rows()) == databases.transaction_ids()
    assert sum(int(output.rsplit(": ", 1)[1]) for _, output in outputs) == len(databases.label_rows())
    assert all(databases.label_rows().values())


@pytest.mark.service
def test_transactions_wait_for_their_labels_while_mariadb_is_down(servers: Databases, mariadb_server: Server) -> None:
    servers.generate(run_at(1))
    servers.label(run_at(1))
    first = servers.label_rows()
    mariadb_server.stop()
    try:
        servers.generate(run_at(2))
        with pytest.raises(OperationalError, match="Can't connect") as failure:
            servers.label(run_at(2))
        assert mariadb_server.password not in repr(failure.value) + str(failure.value)
    finally:
        mariadb_server.start()
    servers.generate(run_at(3))
    servers.label(run_at(3))
    assert sorted(servers.label_rows()) == servers.transaction_ids()
    assert {id_: servers.label_rows()[id_] for id_ in first} == first
    assert len(servers.batch_keys()) == 3


@pytest.mark.service
def test_postgres_down_fails_soon_and_without_the_password_and_a_retry_stores_one_batch(
    servers: Databases, postgres_server: Server
) -> None:
    postgres_server.stop()
    try:
        started = time.monotonic()
        command = [sys.executable, str(SCRIPTS / "transaction_generator.py")]
        failed = subprocess.run(
            command, env=environment(run_at(1)), capture_output=True, text=True, check=False, timeout=60
        )
        assert time.monotonic() - started < 15
    finally:
        postgres_server.start()
    assert failed.returncode == 1
    assert "Connection refused" in failed.stderr
    assert postgres_server.password not in failed.stdout + failed.stderr
    assert servers.transaction_rows() == []
    assert servers.generate(run_at(1))["rows"] == len(servers.transaction_rows())
    assert servers.generate(run_at(1))["already_stored"]
    assert servers.batch_keys() == [run_at(1).key]


@pytest.mark.service
def test_a_wrong_password_is_refused_without_being_shown(
    servers: Databases, postgres_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {**postgres_server.connection(), "password": "not:the@one"}
    monkeypatch.setenv("AIRFLOW_CONN_TRANSACTIONS_DB", json.dumps(wrong))
    engine = engine_of("transactions_db")
    with pytest.raises(OperationalError, match="password authentication failed") as failure:
        servers._replace(transactions=engine).generate(run_at(1))
    engine.dispose()
    assert "not:the@one" not in repr(failure.value) + str(failure.value) + repr(engine.url)
