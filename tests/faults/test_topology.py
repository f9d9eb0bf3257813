"""The deployment really runs: migrated, healthy, logged in to, a DAG from Git run, and stopped again."""

import http.client
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from tests.deployment.interpolation import interpolate
from tests.deployment.topology import LISTENERS, Topology, settings_for_test
from tests.services.postgres import postgres

ROOT = Path(__file__).parents[2]

# The task needs what only a whole deployment gives: a connection, a token, a log that others can read.
DAG = """
from airflow.sdk import Connection, dag, task

@dag(schedule=None, is_paused_upon_creation=False)
def hello():
    @task
    def look():
        found = Connection.get("transactions_db")
        print(f"hello from {found.login}@{found.host}")
        return found.schema
    look()

hello()
"""


@pytest.fixture(autouse=True)
def fleet() -> None:
    """This is a deployment of its own."""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A Git repository as a team would have it, with one DAG on main."""
    folder = tmp_path / "repository"
    (folder / "dags").mkdir(parents=True)
    (folder / "dags" / "hello.py").write_text(DAG)
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], [*identity, "commit", "-q", "-m", "hello"]):
        subprocess.run(["git", "-C", folder, *command], check=True)
    return folder


@pytest.fixture
def topology(tmp_path: Path, repository: Path) -> Iterator[Topology]:
    """The shipped Compose file's services, prepared but not started, over a real PostgreSQL."""
    compose = interpolate(yaml.safe_load((ROOT / "docker-compose.yml").read_text()), settings_for_test(repository))
    declared = compose["services"]["airflow-db"]["environment"]
    with postgres() as server:
        with psycopg.connect(server.conninfo("postgres"), autocommit=True) as connection:
            name, password = declared["POSTGRES_USER"], declared["POSTGRES_PASSWORD"]
            connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")
            connection.execute(f"CREATE DATABASE {declared['POSTGRES_DB']} OWNER {name}")
        yield Topology(compose, tmp_path / "run", server.port)


class Api:
    """Airflow's REST API, as one user."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.token = ""

    def call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read() or "null")
        finally:
            connection.close()

    def until(self, path: str, key: str, wanted: set[Any], seconds: float = 180) -> Any:
        """Ask until the answer's `key` is one of `wanted`; return it, or the last answer."""
        deadline = time.monotonic() + seconds
        while True:
            status, answer = self.call("GET", path)
            if (status == 200 and answer.get(key) in wanted) or time.monotonic() > deadline:
                return answer.get(key, answer)
            time.sleep(0.5)


@pytest.mark.live
@pytest.mark.service
def test_the_deployment_runs_a_dag_from_git_and_ends_without_a_trace(topology: Topology) -> None:
    with topology.running():
        api = Api(topology.api_port)
        assert api.call("POST", "/auth/token", {"username": "admin", "password": "admin"})[0] == 401
        assert api.call("GET", "/api/v2/dags")[0] == 401
        status, answer = api.call("POST", "/auth/token", {"username": "admin", "password": "admin4topology"})
        assert status == 201, answer
        api.token = answer["access_token"]

        assert api.until("/api/v2/dags/hello", "is_paused", {False}) is False, topology.log("dag-processor")
        status, run = api.call("POST", "/api/v2/dags/hello/dagRuns", {"logical_date": None})
        assert status == 200, run
        path = f"/api/v2/dags/hello/dagRuns/{run['dag_run_id']}"
        assert api.until(path, "state", {"success", "failed"}) == "success", topology.log("scheduler")

        task = f"{path}/taskInstances/look"
        assert api.call("GET", f"{task}/xcomEntries/return_value")[1]["value"] == "airbyte"
        assert "hello from mergeflow@transactions-db" in json.dumps(api.call("GET", f"{task}/logs/1")[1])
    assert topology.stragglers == []
    assert [name for name in LISTENERS if topology.healthy(name).returncode == 0] == []
