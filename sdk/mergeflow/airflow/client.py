"""Airflow's REST API, as far as Mergeflow needs it: typed, bounded in time, one kind of error."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from mergeflow.airflow.transport import AirflowError, Connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    Json = dict[str, Any]

__all__ = ["AirflowClient", "AirflowError", "Dag", "ImportProblem", "Run", "Task"]

FINAL_STATES = frozenset({"success", "failed"})


@dataclass(frozen=True)
class Dag:
    """A DAG as Airflow has it. Times are ISO 8601 in UTC, as Airflow gives them."""

    dag_id: str
    paused: bool
    stale: bool
    file: str
    commit: str | None
    owners: tuple[str, ...]
    schedule: str | None
    last_parsed: str | None
    import_errors: bool
    bundle: str | None = None


@dataclass(frozen=True)
class ImportProblem:
    """A file that Airflow could not load; `text` may be many lines."""

    file: str
    text: str
    time: str | None
    bundle: str | None = None


@dataclass(frozen=True)
class Run:
    """A DAG run. `state` is one of queued, running, success, failed."""

    dag_id: str
    run_id: str
    state: str
    commit: str | None
    started: str | None
    ended: str | None

    @property
    def finished(self) -> bool:
        """Whether the state is final."""
        return self.state in FINAL_STATES


@dataclass(frozen=True)
class Task:
    """A task instance; `state` is None before the scheduler looked at it, `map_index` -1 unless mapped."""

    task_id: str
    state: str | None
    try_number: int
    map_index: int
    duration: float | None


class AirflowClient:
    """One Airflow, one user. Each request takes at most `timeout` seconds, then `AirflowError`."""

    def __init__(self, url: str, user: str, password: str, *, timeout: float = 10.0, token: str | None = None) -> None:
        self._http = Connection(url, user, password, timeout=timeout, token=token)

    @property
    def url(self) -> str:
        """Airflow's address."""
        return self._http.url

    def end_at(self, moment: float) -> None:
        """Let no request go on beyond a moment of `time.monotonic`."""
        self._http.deadline = moment

    def version(self) -> str:
        """Return Airflow's version; needs no login."""
        return str(self._http.call("GET", "/api/v2/version", login=False)["version"])

    def health(self) -> dict[str, str | None]:
        """Return the state of each component (`healthy`, `unhealthy`, None if it never ran); no login."""
        found = self._http.call("GET", "/api/v2/monitor/health", login=False)
        return {name: (value or {}).get("status") for name, value in sorted(found.items())}

    def warm_up(self) -> None:
        """Make Airflow build the API that tasks use, which it puts off until the first request; no login.

        It blocks the whole server for seconds, longer than a task's first request waits before it tries anew.
        """
        self._http.call("GET", "/execution/health", login=False)

    def dags(self, **filters: str) -> list[Dag]:
        """Return all DAGs that are not stale, by dag_id. `filters` are query parameters of `/dags`."""
        rows = self._http.pages("/api/v2/dags", "dags", {"order_by": "dag_id", **filters})
        return [_dag(row) for row in rows]

    def dag(self, dag_id: str) -> Dag:
        """Return one DAG, stale or not."""
        return _dag(self._http.call("GET", _path("dags", dag_id)))

    def import_errors(self) -> list[ImportProblem]:
        """Return the files that Airflow cannot load."""
        rows = self._http.pages("/api/v2/importErrors", "import_errors", {"order_by": "id"})
        return [
            ImportProblem(row["filename"], row["stack_trace"], row.get("timestamp"), row.get("bundle_name"))
            for row in rows
        ]

    def pause(self, dag_id: str) -> None:
        """Stop the schedule of a DAG."""
        self._http.call("PATCH", _path("dags", dag_id), {"is_paused": True})

    def unpause(self, dag_id: str) -> None:
        """Start the schedule of a DAG. With catch-up on, Airflow now creates the missed runs."""
        self._http.call("PATCH", _path("dags", dag_id), {"is_paused": False})

    def trigger(
        self,
        dag_id: str,
        conf: Mapping[str, Any] | None = None,
        *,
        run_id: str | None = None,
        logical_date: str | None = None,
        unpause: bool = False,
    ) -> Run:
        """Start a run. Without a logical date the run has no `ds`, `ts` or data interval.

        A run of a paused DAG waits for ever, and looks queued to whoever waits for it. So this refuses one,
        unless `unpause` says that its schedule may start too.
        """
        if self.dag(dag_id).paused:
            if not unpause:
                raise AirflowError(f"{dag_id} is paused, so a run of it would never start: unpause it first")
            self.unpause(dag_id)
        body: Json = {"logical_date": logical_date, "conf": dict(conf or {})}
        if run_id is not None:
            body["dag_run_id"] = run_id
        return _run(self._http.call("POST", _path("dags", dag_id, "dagRuns"), body))

    def run(self, dag_id: str, run_id: str) -> Run:
        """Return one run."""
        return _run(self._http.call("GET", _path("dags", dag_id, "dagRuns", run_id)))

    def runs(self, dag_id: str = "~", **filters: str) -> list[Run]:
        """Return the runs of one DAG, or of all (`~`), newest first."""
        query = {"order_by": "-run_after", **filters}
        return [_run(row) for row in self._http.pages(_path("dags", dag_id, "dagRuns"), "dag_runs", query)]

    def wait_for_run(
        self,
        dag_id: str,
        run_id: str,
        *,
        timeout: float,
        every: float = 0.5,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> Run:
        """Return the run once it is finished, whatever came out. `meanwhile` is called at each look."""
        end = time.monotonic() + timeout
        while True:
            meanwhile()
            run = self.run(dag_id, run_id)
            if run.finished:
                return run
            if time.monotonic() > end:
                raise AirflowError(f"{dag_id} {run_id} is still {run.state} after {timeout:.0f} s")
            time.sleep(every)

    def tasks(self, dag_id: str, run_id: str) -> list[Task]:
        """Return a run's task instances by task_id."""
        path = _path("dags", dag_id, "dagRuns", run_id, "taskInstances")
        rows = self._http.pages(path, "task_instances", {})
        tasks = [
            Task(row["task_id"], row["state"], row["try_number"], row["map_index"], row["duration"]) for row in rows
        ]
        return sorted(tasks, key=lambda task: (task.task_id, task.map_index))

    def logs(self, dag_id: str, run_id: str, task_id: str, *, try_number: int = 1, map_index: int = -1) -> list[str]:
        """Return the lines of one try's log, without Airflow's notes on where it read them."""
        path = _path("dags", dag_id, "dagRuns", run_id, "taskInstances", task_id, "logs", str(try_number))
        found = self._http.call("GET", f"{path}?{urlencode({'map_index': map_index, 'full_content': 'true'})}")
        return list(_without_groups(_log_line(entry) for entry in found["content"]))


def _path(*parts: str) -> str:
    return "/".join(["/api/v2", *(quote(part, safe="~") for part in parts)])


def _dag(row: Json) -> Dag:
    return Dag(
        dag_id=row["dag_id"],
        paused=row["is_paused"],
        stale=row["is_stale"],
        file=row["relative_fileloc"] or "",
        commit=row["bundle_version"],
        owners=tuple(row["owners"]),
        schedule=row["timetable_summary"],
        last_parsed=row["last_parsed_time"],
        import_errors=row["has_import_errors"],
        bundle=row.get("bundle_name"),
    )


def _run(row: Json) -> Run:
    return Run(
        dag_id=row["dag_id"],
        run_id=row["dag_run_id"],
        state=row["state"],
        commit=row.get("bundle_version"),
        started=row["start_date"],
        ended=row["end_date"],
    )


def _log_line(entry: str | Json) -> str:
    return entry if isinstance(entry, str) else str(entry.get("event", ""))


def _without_groups(lines: Iterable[str]) -> Iterator[str]:
    inside = False
    for line in lines:
        if line.startswith("::group::Log message source"):
            inside = True
        elif inside and line.startswith("::endgroup::"):
            inside = False
        elif not inside:
            yield line
