"""Watch what a local Airflow makes of the branch that it follows."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mergeflow.airflow.local.repository import DAGS, RepositoryError, git
from mergeflow.airflow.stubs import CONFIG_ERRORS, stubs_below, stubs_to_touch
from mergeflow.airflow.transport import AirflowError
from mergeflow.shards import is_shard

if TYPE_CHECKING:
    from mergeflow.airflow.client import Dag, ImportProblem
    from mergeflow.airflow.local.supervisor import LocalAirflow

QUIET = 6.0  # seconds; a file without a DAG and without an error is known by nothing but silence
LATE = 60.0  # seconds


@dataclass(frozen=True)
class Live:
    """What Airflow has: all DAGs of the files in question, and every file that it cannot load."""

    dags: tuple[Dag, ...]
    problems: tuple[ImportProblem, ...]


@dataclass(frozen=True)
class Merge:
    """A commit that the branch moved to. `late`: not live after `LATE` seconds, `dags` is what is.

    `files` are the stubs that read something it changed; without any there is nothing to be live.
    """

    commit: str
    files: tuple[str, ...]
    live: Live
    seconds: float
    late: bool = False


def wait_until_settled(airflow: LocalAirflow, timeout: float = 120) -> Live:
    """Wait until every file has been parsed once, as far as Airflow tells, and return what came out."""
    airflow.wait_until_up(timeout)
    expected = _stubs(airflow, airflow.settings.source.tip()) - {CONFIG_ERRORS}
    end = time.monotonic() + timeout
    seen: Live | None = None
    since = time.monotonic()
    while True:
        airflow.check()
        try:
            live = _live(airflow)
        except AirflowError:
            if time.monotonic() > end:
                raise
            continue
        if live != seen:
            seen, since = live, time.monotonic()
        files = {dag.file for dag in live.dags} | {problem.file for problem in live.problems}
        if expected <= files or time.monotonic() > min(end, since + QUIET):
            return live
        time.sleep(0.25)


class Follower:
    """Notices that the followed branch moved, and when Airflow has caught up."""

    def __init__(self, airflow: LocalAirflow) -> None:
        self._airflow = airflow
        self._source = airflow.settings.source
        self._live_commit = self._source.tip()
        self._seen: tuple[str, float] | None = None
        self._files: set[str] | None = None

    def look(self) -> Merge | None:
        """Look once; return a commit when its DAGs are live, or when that takes too long."""
        self._airflow.check()
        tip = self._source.tip()
        if tip is None or tip == self._live_commit:
            return None
        if self._seen is None or self._seen[0] != tip:
            self._seen, self._files = (tip, time.monotonic()), None
        if self._files is None:
            self._files = self._readers(self._live_commit, tip)
        seconds = time.monotonic() - self._seen[1]
        merge = self._judge(tip, self._files, seconds)
        if merge is not None:
            self._live_commit, self._seen = tip, None
        return merge

    def _judge(self, tip: str, files: set[str] | None, seconds: float) -> Merge | None:
        if files == set():
            return Merge(tip, (), Live((), ()), seconds)
        try:
            live = _live(self._airflow)
        except AirflowError:
            # Too busy for the moment. Were it gone, `check` would say so.
            return None
        dags = tuple(dag for dag in live.dags if files is None or dag.file in files)
        moved = tuple(dag for dag in dags if self._is_current(dag, tip))
        late = seconds > LATE
        if files is not None and len(moved) == len(dags) and (moved or seconds > QUIET):
            late = False
        elif not late:
            return None
        return Merge(tip, tuple(sorted(files or ())), Live(moved, live.problems), seconds, late)

    def _is_current(self, dag: Dag, tip: str) -> bool:
        """Tell whether nothing that the DAG's file reads has changed since Airflow parsed it."""
        if dag.commit == tip:
            return True
        readers = self._readers(dag.commit, tip)
        return readers is not None and dag.file not in readers

    def _readers(self, before: str | None, tip: str) -> set[str] | None:
        """Return the stubs that read what changed; None while the clone does not have the commit yet."""
        prefix = self._source.prefix
        stubs = _stubs(self._airflow, tip)
        if before is None or not stubs:
            return stubs or None
        try:
            out = git("diff", "--name-only", "-z", "--no-renames", before, tip, folder=_clone(self._airflow))
        except RepositoryError:
            return stubs
        paths = [name.removeprefix(prefix) for name in out.split("\0") if name.startswith(prefix) and name]
        return stubs_to_touch(paths, stubs)


def _live(airflow: LocalAirflow) -> Live:
    since = airflow.started
    problems = [
        problem
        for problem in airflow.client.import_errors()
        if since is None or problem.time is None or datetime.fromisoformat(problem.time) >= since
    ]
    return Live(tuple(airflow.fresh_dags()), tuple(problems))


def _clone(airflow: LocalAirflow) -> Path:
    source = airflow.settings.source
    return airflow.settings.bundles / source.bundle_name / "bare" if source.root is None else Path(source.location)


def _stubs(airflow: LocalAirflow, commit: str | None) -> set[str]:
    source = airflow.settings.source
    if commit is None:
        root = source.root
        return set() if root is None else stubs_below(root / DAGS)
    below, clone = f"{source.prefix}{DAGS}/", _clone(airflow)
    try:
        listed = git("ls-tree", "-z", "--name-only", commit, below, folder=clone).split("\0")
    except RepositoryError:
        return set()
    with suppress(RepositoryError):  # Git's way to say that no file has it
        calling = git("grep", "-lzF", "load_dags(", commit, "--", below, folder=clone).split("\0")
        paths = (name.removeprefix(f"{commit}:{source.prefix}") for name in calling)
        listed += (f"{source.prefix}{path}" for path in paths if is_shard(path))
    return {name.removeprefix(below) for name in listed if name.endswith(".py")}
