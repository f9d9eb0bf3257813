"""A real Airflow that follows a scratch copy of this repository, through Mergeflow's own bundle and loader."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mergeflow.airflow.local.repository import choose
from mergeflow.airflow.local.settings import LocalSettings
from mergeflow.airflow.local.supervisor import COMPONENTS, LocalAirflow
from mergeflow.airflow.transport import AirflowError, Connection
from tests.live import LOOK, PATIENCE, ROOT, patient, running
from tests.services.server import free_port

NEEDED = ("scheduler", "dag-processor", "api-server")
"""No task here is deferred to a triggerer."""


@dataclass(frozen=True)
class LiveAirflow:
    """Talks to the running Airflow as its users do, over REST; `http` serves what Mergeflow's client has no need of."""

    local: LocalAirflow
    http: Connection

    def connect(self, conn_id: str, connection: dict[str, object]) -> None:
        """Store a connection in Airflow's own database, or replace it."""
        body = {"connection_id": conn_id, **connection}
        try:
            self.http.call("PATCH", f"/api/v2/connections/{conn_id}", body)
        except AirflowError as error:
            if error.status != 404:
                raise
            self.http.call("POST", "/api/v2/connections", body)

    def runs(self, dag_id: str) -> list[Any]:
        runs: list[Any] = self.http.call("GET", f"/api/v2/dags/{dag_id}/dagRuns")["dag_runs"]
        return runs

    def tasks(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """The task instances of a run by task_id."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}/taskInstances"
        return {task["task_id"]: task for task in self.http.call("GET", path)["task_instances"]}

    def rendered(self, dag_id: str, run_id: str) -> list[Any]:
        """What the tasks of a run show of their templates, upstream first."""
        tasks = self.tasks(dag_id, run_id).values()
        return [task["rendered_fields"] for task in sorted(tasks, key=lambda task: task["start_date"])]

    def logs(self) -> str:
        """Everything that Airflow and its tasks have logged."""
        files = sorted(self.local.settings.logs.rglob("*.log"))
        return "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in files)

    def wait_until(self, done: Callable[[], bool]) -> None:
        """Wait for `done()`; with Airflow's own words if it takes too long."""
        deadline = time.monotonic() + PATIENCE
        while not done():
            self.local.check()
            assert time.monotonic() < deadline, self.logs()[-6000:]
            time.sleep(LOOK)


@contextmanager
def live_airflow(folder: Path, changed: Mapping[str, str], connections: Mapping[str, Any]) -> Iterator[LiveAirflow]:
    """A running Airflow, its metadata database and its repository throw-away, with what is declared and no more.

    `changed` are the texts of files that are not as this repository has them.
    """
    source = choose(_repository(folder / "repository", changed), None, "main")
    settings = LocalSettings(folder / "state", source, free_port(), connections)
    components = {name: [sys.executable, "-m", "airflow", *COMPONENTS[name]] for name in NEEDED}
    with running(settings, components) as local:
        local.wait_until_up()
        password = local.settings.passwords.read_text().split('"')[3]
        http = Connection(local.settings.url, "admin", password)
        http._exchange = patient(http._exchange)  # type: ignore[method-assign]
        yield LiveAirflow(local, http)


def _repository(folder: Path, changed: Mapping[str, str]) -> Path:
    """A Git repository with what a merge brings: configs, callables, scripts, stubs and suites."""
    for name in ("configs", "dags", "validators"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.py[co]"))
    for path, text in changed.items():
        (folder / path).write_text(text)
    who = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], [*who, "commit", "-q", "-m", "merge"]):
        subprocess.run(["git", *command], cwd=folder, check=True, env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull})
    return folder
