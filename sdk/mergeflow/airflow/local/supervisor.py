"""A local Airflow on SQLite, started and stopped as one.

    with LocalAirflow(settings) as airflow:
        airflow.wait_until_live({"payments_fx"}, timeout=60)
        run = airflow.client.trigger("payments_fx", unpause=True)
        airflow.wait_for_run(run, timeout=60)

Airflow itself is never imported here: its components are processes, kept by `mergeflow.airflow.local.keeper`.
"""

from __future__ import annotations

import errno
import importlib.metadata
import os
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Self

from mergeflow.airflow.client import AirflowClient, AirflowError, Dag, Run
from mergeflow.airflow.local import state
from mergeflow.airflow.local.keeper import Component
from mergeflow.airflow.local.kept import Kept, tail
from mergeflow.airflow.local.settings import HOST, USER, LocalSettings, environment

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from types import TracebackType

LOOK = 0.25  # seconds between two looks

# The log servers of scheduler and triggerer listen on every address, and no setting can stop that. The
# API server reads the same files from disk.
COMPONENTS = {
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "dag-processor": ["dag-processor"],
    "api-server": ["api-server"],
    "triggerer": ["triggerer", "--skip-serve-logs"],
}

# They hold nothing but what they read, so they may begin anew. The scheduler's end is that of its tasks.
RESTARTS = {"dag-processor": 3, "triggerer": 3}


class LocalAirflowError(Exception):
    """The local Airflow cannot start, or has ended by itself."""


class PortTakenError(LocalAirflowError):
    """Another program listens on the port."""


class NotLiveError(LocalAirflowError):
    """What was waited for is not there in time."""


class LocalAirflow:
    """All components of one Airflow, from `start` to `stop`; best used in a `with` statement."""

    def __init__(
        self,
        settings: LocalSettings,
        *,
        say: Callable[[str], None] = lambda _: None,
        components: dict[str, list[str]] | None = None,
        beside: Mapping[str, list[str]] | None = None,
    ) -> None:
        """`say` gets a line for each step; `components` replaces commands (argv by name) in tests.

        What `beside` names is no part of Airflow, and starts and ends with it.
        """
        self.settings = settings
        self.started: datetime | None = None
        self._say = say
        self._components = components
        self._beside = dict(beside or {})
        self._kept: Kept | None = None
        self._warm = False
        self._lock: IO[str] | None = None
        self._client: AirflowClient | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def client(self) -> AirflowClient:
        """The REST API, logged in as the admin user."""
        if self._client is None:
            raise LocalAirflowError("the local Airflow is not started")
        return self._client

    def start(self) -> None:
        """Start every component; return before they are up.

        Raises:
            StateInUseError, PortTakenError: before anything was started.
            LocalAirflowError: the database could not be set up.
        """
        self._lock = state.lock(self.settings)
        try:
            check_port(self.settings.port)
            secrets = state.prepare(self.settings)
            variables = environment(self.settings, secrets, os.environ)
            if self._components is None:
                self._migrate(variables)
            self._client = AirflowClient(self.settings.url, USER, secrets.password)
            self.started = datetime.now(UTC)
            self._start_components(variables)
        except BaseException:
            self.stop()
            raise

    def stop(self, *, at_once: bool = False) -> None:
        """Stop every component and every task process; return when not one is left."""
        try:
            if self._kept is not None:
                self._kept.stop(at_once=at_once)
        finally:
            if self._lock is not None:
                self._lock.close()
            self._kept = self._lock = None

    def check(self) -> None:
        """Raise `LocalAirflowError`, with the end of its log, when a component has ended."""
        if self._kept is None:
            raise LocalAirflowError("the local Airflow is stopped")
        if ended := self._kept.ended(self._say):
            raise LocalAirflowError(ended)

    def wait_until_up(self, timeout: float = 120) -> None:
        """Wait until the API answers users and tasks, and the dag-processor works."""
        self._wait(self._is_up, timeout, "Airflow is not up")

    def wait_until_live(
        self, dag_ids: Collection[str], *, timeout: float = 120, commit: str | None = None
    ) -> list[Dag]:
        """Wait until these DAGs were parsed by this Airflow, and, with `commit`, from that commit on.

        A commit re-parses just the files that it changes; a DAG from another file keeps the commit before.
        """
        found: dict[str, Dag] = {}

        def live() -> bool:
            found.clear()
            found.update((dag.dag_id, dag) for dag in self.fresh_dags() if commit in {None, dag.commit})
            return found.keys() >= set(dag_ids)

        self._wait(self._is_up, timeout, "Airflow is not up")
        self._wait(live, timeout, lambda: f"not live: {', '.join(sorted(set(dag_ids) - found.keys()))}")
        return [found[dag_id] for dag_id in sorted(dag_ids)]

    def wait_for_run(self, run: Run, *, timeout: float) -> Run:
        """Wait until a run is finished, and while doing so notice a component's end."""
        client = self.client
        return client.wait_for_run(run.dag_id, run.run_id, timeout=timeout, meanwhile=self.check)

    def fresh_dags(self) -> list[Dag]:
        """Return the DAGs that were parsed since the start, not those a run before left in the database."""
        since = self.started or datetime.now(UTC)
        return [
            dag for dag in self.client.dags() if dag.last_parsed and datetime.fromisoformat(dag.last_parsed) >= since
        ]

    def _is_up(self) -> bool:
        if not self._warm:
            # Once, and while the dag-processor is still parsing: the first task's start is 5 s quicker for it.
            AirflowClient(self.settings.url, USER, "", timeout=60).warm_up()
            self._warm = True
        health = self.client.health()
        return all(health.get(name) == "healthy" for name in ("metadatabase", "dag_processor"))

    def _wait(self, done: Callable[[], bool], timeout: float, failure: str | Callable[[], str]) -> None:
        end = time.monotonic() + timeout
        problem = ""
        while True:
            self.check()
            try:
                if done():
                    return
            except AirflowError as error:
                # While it starts, it is not there; and SQLite may be too busy for a moment.
                problem = f" ({error})"
            if time.monotonic() > end:
                text = failure if isinstance(failure, str) else failure()
                raise NotLiveError(f"{text} after {timeout:.0f} s{problem}")
            time.sleep(LOOK)

    def _migrate(self, variables: dict[str, str]) -> None:
        version = importlib.metadata.version("apache-airflow-core")
        if state.migrated(self.settings, version):
            return
        self._say("setting up Airflow's database")
        state.drop_half_made_database(self.settings)
        log = self.settings.logs / "database.log"
        with log.open("wb") as stream:
            command = [sys.executable, "-m", "airflow", "db", "migrate"]
            done = subprocess.run(command, env=variables, stdout=stream, stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            raise LocalAirflowError(f"Airflow's database cannot be set up, {log} ends:\n{tail(log)}")
        state.mark_migrated(self.settings, version)

    def _start_components(self, variables: dict[str, str]) -> None:
        commands = self._components or {
            name: [sys.executable, "-m", "airflow", *arguments] for name, arguments in COMPONENTS.items()
        }
        commands = commands | self._beside
        self._say(f"starting {', '.join(commands)}")
        components = [
            Component(
                name,
                argv,
                str(self.settings.logs / f"{name}.log"),
                runs_tasks=name == "scheduler",
                restarts=RESTARTS.get(name, 0),
            )
            for name, argv in commands.items()
        ]
        self._kept = Kept(components, variables, self.settings.home, inherit=self._lock)


def check_port(port: int, option: str = "--port") -> None:
    """Raise `PortTakenError` when the port cannot be listened on."""
    with socket.socket() as probe:
        # As the server will do it: a connection of yesterday in TIME_WAIT does not take the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
            raise PortTakenError(f"port {port} {why}: choose another with {option}") from None
