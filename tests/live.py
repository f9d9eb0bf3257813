"""What tests on a live Airflow share: the origin that it follows, and waits that say what they saw."""

import http
import json
import os
import subprocess
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mergeflow.airflow.client import AirflowError
from mergeflow.airflow.local import state
from mergeflow.airflow.local.kept import tail
from mergeflow.airflow.local.repository import Source
from mergeflow.airflow.local.settings import LocalSettings
from mergeflow.airflow.local.supervisor import LocalAirflow
from mergeflow.airflow.testing import home

EMPTY = "airflow.providers.standard.operators.empty.EmptyOperator"
BASH = "airflow.providers.standard.operators.bash.BashOperator"
PYTHON = "airflow.providers.standard.operators.python.PythonOperator"
STUB = 'from mergeflow.airflow import load_dags\n\nload_dags(globals(), "{team}")\n'
ERRORS = "from mergeflow.airflow import raise_config_errors  # for DAGs\n\nraise_config_errors(globals())\n"

ROOT = Path(__file__).resolve().parents[1]
LOOK = 0.25  # seconds between two looks
PATIENCE = 180.0
"""Seconds until something is missed: much for a machine that does other things too, and nothing where all is well."""


@dataclass(frozen=True)
class Origin:
    """The repository that everybody merges into."""

    root: Path

    def create(self, files: Mapping[str, str]) -> None:
        """Begin with these files on main."""
        self.root.mkdir()
        self.git("init", "-q", "-b", "main")
        self.push(files)

    def push(self, files: Mapping[str, str | None]) -> str:
        """Commit on main, as somebody does who bypasses the hook; None deletes. Return the commit."""
        for path, text in files.items():
            file = self.root / path
            if text is None:
                file.unlink()
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
        self.git("add", "--all")
        self.git("commit", "-qm", "change", "--no-verify")
        return self.head()

    def head(self) -> str:
        """The commit of main."""
        return self.git("rev-parse", "main").strip()

    def git(self, *arguments: str) -> str:
        """Run Git in the repository."""
        who = {f"GIT_{role}_{key}": f"t@{key}" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
        command = ["git", "-C", str(self.root), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | who).stdout


def patient(exchange: Callable[..., Any]) -> Callable[..., Any]:
    """Ask again what Airflow answers with 500 after five seconds, and has stored nothing of.

    Its API server waits for itself: a request holds SQLite's lock and needs the event loop to let go of it, where a
    task's request waits for that lock. A longer time-out of SQLite would only make it wait longer.
    """

    def ask(*arguments: Any) -> Any:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return exchange(*arguments)
            except AirflowError as error:
                if error.status != http.HTTPStatus.INTERNAL_SERVER_ERROR or time.monotonic() > end:
                    raise
            time.sleep(LOOK)

    return ask


def hasty(source: Source) -> dict[str, str]:
    """Settings of an Airflow that looks more often than one that shall spare its machine: nothing else is quicker."""
    return {
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps([source.bundle(1)]),
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "1",
        "AIRFLOW__SCHEDULER__PARSING_CLEANUP_INTERVAL": "2",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.25",
    }


def fresh_database(folder: Path) -> None:
    """Put `airflow.db` into a folder, as a migration has made it once for this release of Airflow."""
    home._copy_database(folder, ROOT / home.CACHE)


@contextmanager
def running(settings: LocalSettings, components: dict[str, list[str]] | None = None) -> Iterator[LocalAirflow]:
    """An Airflow that begins with a copy of a fresh database, and whose API may take its time.

    `mergeflow up` and the demo are tested on a database that they make themselves.
    """
    settings.home.mkdir(parents=True)
    fresh_database(settings.home)
    state.mark_migrated(settings, version("apache-airflow-core"))
    with LocalAirflow(settings, components=components) as airflow:
        connection = airflow.client._http
        connection.timeout = PATIENCE
        connection._exchange = patient(connection._exchange)  # type: ignore[method-assign]
        yield airflow


def eventually(
    airflow: LocalAirflow, holds: Callable[[], object], what: str | Callable[[], str], seconds: float = PATIENCE
) -> None:
    """Wait until something holds; fail with what was awaited, what Airflow cannot load, and its log's end."""
    end = time.monotonic() + seconds
    while True:
        airflow.check()
        trouble = ""
        try:
            if holds():
                return
        except AirflowError as error:
            trouble = f" ({error})"  # busy for the moment, or for good
        if time.monotonic() > end:
            awaited = what if isinstance(what, str) else what()
            raise AssertionError(f"not after {seconds:.0f} s: {awaited}{trouble}\n{seen(airflow)}")
        time.sleep(LOOK)


def until_live(
    airflow: LocalAirflow, dag_ids: Collection[str], commit: str | None = None, seconds: float = PATIENCE
) -> None:
    """Wait until these DAGs were parsed by this Airflow, and, with `commit`, from that commit."""
    missing: set[str] = set()

    def live() -> bool:
        missing.clear()
        missing.update(dag_ids)
        missing.difference_update(dag.dag_id for dag in airflow.fresh_dags() if commit in {None, dag.commit})
        return not missing

    eventually(airflow, live, lambda: f"live: {', '.join(sorted(missing))} of {commit or 'any commit'}", seconds)


def seen(airflow: LocalAirflow) -> str:
    """What Airflow says for itself: import errors, and the last lines of the dag-processor's log."""
    try:
        errors = [f"{error.file}: {error.text[:2000]}" for error in airflow.client.import_errors()]
    except AirflowError as error:
        errors = [f"no answer: {error}"]
    log = airflow.settings.logs / "dag-processor.log"
    return "\n".join(["import errors:", *(errors or ["none"]), f"{log.name} ends:", tail(log)])
