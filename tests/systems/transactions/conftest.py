"""The databases that the transaction tests run on: SQLite, and real servers in both arrangements."""

import atexit
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [path for path in (str(ROOT), str(ROOT / "dags")) if path not in sys.path]
if "AIRFLOW_HOME" not in os.environ:  # importing Airflow makes folders: not in the user's own
    os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="mergeflow-airflow-")
    atexit.register(shutil.rmtree, os.environ["AIRFLOW_HOME"], ignore_errors=True)

# ruff: noqa: E402  (what follows is found through the two lines above)
from mergeflow.airflow.connections import engine as engine_of
from tests.services.mariadb import mariadb
from tests.services.postgres import postgres
from tests.services.server import Server
from tests.systems.transactions.databases import Databases, empty


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[Server]:
    with mariadb() as server:
        yield server


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgres+mariadb", marks=pytest.mark.service),
        pytest.param("mariadb+postgres", marks=pytest.mark.service),
    ]
)
def databases(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Databases]:
    """Two empty databases, for transactions and for labels, as Airflow connections."""
    if request.param == "sqlite":
        described = [{"conn_type": "sqlite", "host": str(tmp_path / "databases" / name)} for name in ("t.db", "l.db")]
    else:
        names = request.param.split("+")
        described = [request.getfixturevalue(f"{name}_server").connection() for name in names]
    yield from _connected(described, monkeypatch)


@pytest.fixture
def servers(postgres_server: Server, mariadb_server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Databases]:
    """Transactions in PostgreSQL and labels in MariaDB, for tests that stop one of the two."""
    yield from _connected([postgres_server.connection(), mariadb_server.connection()], monkeypatch)


def _connected(described: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch) -> Iterator[Databases]:
    for conn_id, connection in zip(("TRANSACTIONS_DB", "LABELS_DB"), described, strict=True):
        monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id}", json.dumps(connection))
    databases = Databases(engine_of("transactions_db"), engine_of("labels_db"))
    empty(databases)
    yield databases
    databases.transactions.dispose()
    databases.labels.dispose()
