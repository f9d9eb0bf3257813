"""What Airflow runs, held against what a commit says: values only, which every rendering tells in its own way."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum


class State(StrEnum):
    """How a DAG in Airflow stands to the same DAG in Git; named as in Argo CD where that has a name."""

    SYNCED = "Synced"
    PAUSED = "Paused"
    OUT_OF_SYNC = "OutOfSync"
    MISSING = "Missing"
    STALE = "Stale"
    ERROR = "Error"
    ORPHAN = "Orphan"

    @property
    def is_in_sync(self) -> bool:
        """Whether Airflow has the DAG as the commit has it.

        So it has a paused one: every new DAG begins paused, and a merge that adds one could never pass.
        """
        return self in (State.SYNCED, State.PAUSED)


@dataclass(frozen=True, slots=True)
class LiveDag:
    """A DAG as Airflow has it; `file` is the stub that made it, below `dags/`."""

    dag_id: str
    file: str
    commit: str | None = None
    bundle: str | None = None
    parsed: datetime | None = None
    paused: bool = False
    stale: bool = False
    unloadable: bool = False
    """Whether its file is among the import errors."""


@dataclass(frozen=True, slots=True)
class ImportFailure:
    """A file that Airflow cannot load; of `config_errors.py` the text is what `mergeflow check` prints."""

    file: str
    text: str
    since: datetime | None = None
    bundle: str | None = None


@dataclass(frozen=True)
class Observed:
    """What an Airflow says of itself at one moment."""

    url: str
    version: str
    dags: tuple[LiveDag, ...]
    failures: tuple[ImportFailure, ...] = ()
    unwell: Mapping[str, str] = field(default_factory=dict)
    """The components that should work and do not, with their state."""


@dataclass(frozen=True, slots=True)
class ExpectedDag:
    """A DAG of the commit: the files that it is made from, its own first, and why it cannot be built, if so."""

    dag_id: str
    paths: tuple[str, ...]
    refused: str = ""
    stub: str = ""
    """The file below `dags/` that loads it; empty where there is none."""


@dataclass(frozen=True)
class Expected:
    """The DAGs of a commit by id; `name` is what the user calls it, `commit` its id, empty for the working tree."""

    name: str
    commit: str
    since: datetime
    dags: Mapping[str, ExpectedDag]
    tests: frozenset[str] = frozenset()
    """The files below `dags/` that make a DAG of a test suite: no config says which, so it is no orphan."""

    @property
    def label(self) -> str:
        """The revision as people read it: its commit, and its name where that is another."""
        if not self.commit or self.commit.startswith(self.name):
            return short(self.commit) or self.name
        return f"{short(self.commit)} ({self.name})"


@dataclass(frozen=True, slots=True)
class DagStatus:
    """One DAG's state, and in `detail` why it is not another; `commit` is the one that Airflow has it from."""

    dag_id: str
    state: State
    detail: str = ""
    path: str = ""
    commit: str | None = None
    parsed: datetime | None = None
    is_final: bool = False
    """Whether waiting cannot change it, as long as nobody merges."""


@dataclass(frozen=True)
class Status:
    """The whole answer: every DAG by id, and the import errors that no DAG's state has told already."""

    expected: Expected
    observed: Observed
    bundle: str | None
    dags: tuple[DagStatus, ...]
    failures: tuple[ImportFailure, ...]
    unversioned: int = 0
    """Of how many DAGs Airflow names no commit."""
    unknown: tuple[str, ...] = ()
    """The commits that Airflow has and this clone does not."""

    @property
    def in_sync(self) -> bool:
        """Whether Airflow runs what the commit says, all of it and nothing else."""
        return not self.failures and all(each.state.is_in_sync for each in self.dags)

    @property
    def is_hopeless(self) -> bool:
        """Whether waiting would not help: every DAG that is not in sync is refused in the commit itself."""
        bad = [each for each in self.dags if not each.state.is_in_sync]
        return bool(bad) and all(each.is_final for each in bad)

    @property
    def counts(self) -> Mapping[State, int]:
        """How many DAGs are in each state."""
        return Counter(each.state for each in self.dags)

    @property
    def newest(self) -> LiveDag | None:
        """The DAG that was parsed last: its commit is the last that Airflow is known to have."""
        ours = [each for each in self.observed.dags if each.bundle == self.bundle and each.parsed and not each.stale]
        return max(ours, key=lambda each: each.parsed or datetime.min.replace(tzinfo=UTC), default=None)


def last_line(text: str) -> str:
    """Of a traceback the line that says what went wrong."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason is given"


def short(commit: str) -> str:
    """A commit as people write it."""
    return commit[:7]
