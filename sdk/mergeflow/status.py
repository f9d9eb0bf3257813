"""What Airflow runs, held against what a commit says: a state for each DAG. Values only; nobody is asked here."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
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


Differs = Callable[[LiveDag], str]
"""How a DAG, as its commit in Airflow has it, differs from the expected one; empty where it does not."""


def judge(expected: Expected, observed: Observed, differs: Differs, bundle: str | None = None) -> Status:
    """Tell each DAG's state. Without a `bundle` it is the one that has most of the expected DAGs."""
    bundle = bundle or bundle_of(expected.dags, observed.dags)
    live = {each.dag_id: each for each in observed.dags}
    failures = tuple(each for each in observed.failures if bundle is None or each.bundle in (bundle, None))
    judging = _Judging(expected, failures, differs, bundle)
    told = [judging.state_of(each, live.get(dag_id)) for dag_id, each in expected.dags.items()]
    told += _orphans(expected, observed, bundle)
    told.sort(key=lambda each: each.dag_id)
    ours = [live[each.dag_id] for each in told if each.dag_id in live]
    unversioned = sum(each.commit is None and not each.stale for each in ours)
    return Status(expected, observed, bundle, tuple(told), tuple(_untold(failures, expected, told)), unversioned)


def bundle_of(dag_ids: Collection[str], dags: Iterable[LiveDag]) -> str | None:
    """The bundle that has most of these DAGs: an Airflow may have others, whose DAGs are nobody's business here."""
    found = Counter(each.bundle for each in dags if each.dag_id in dag_ids and each.bundle and not each.stale)
    found = found or Counter(each.bundle for each in dags if each.dag_id in dag_ids and each.bundle)
    return min(found, key=lambda name: (-found[name], name or ""), default=None)


@dataclass(frozen=True)
class _Judging:
    """All that decides about an expected DAG."""

    expected: Expected
    failures: tuple[ImportFailure, ...]
    differs: Differs
    bundle: str | None

    def state_of(self, wanted: ExpectedDag, dag: LiveDag | None) -> DagStatus:
        """Its state; an import error that explains one is told rather than what it has led to."""
        known = (dag.commit, dag.parsed) if dag else (None, None)
        state, detail = self._found(wanted, dag)
        return DagStatus(wanted.dag_id, state, detail, wanted.paths[0], *known, is_final=bool(wanted.refused))

    def _found(self, wanted: ExpectedDag, dag: LiveDag | None) -> tuple[State, str]:
        if wanted.refused:
            return State.ERROR, wanted.refused
        wrong = self._wrong(dag)
        if wrong or (dag and dag.unloadable):
            reason = _reason(wanted, dag, self.failures)
            if reason or wrong is None:
                return State.ERROR, reason or f"Airflow cannot load {wanted.stub}"
            return wrong
        return (State.PAUSED if dag and dag.paused else State.SYNCED), ""

    def _wrong(self, dag: LiveDag | None) -> tuple[State, str] | None:
        """What is wrong with a DAG in Airflow, and nothing where it is as it should be."""
        if dag is None:
            return State.MISSING, "Airflow does not have it"
        if dag.stale:
            return State.STALE, f"Airflow had it{_at(dag)}, and starts no runs of it"
        if dag.bundle != self.bundle:
            return State.OUT_OF_SYNC, f"Airflow has it from the bundle {dag.bundle}"
        if dag.commit is None:
            late = dag.parsed is None or dag.parsed < self.expected.since
            return (State.OUT_OF_SYNC, f"not parsed since {self.expected.label} was made") if late else None
        how = "" if dag.commit == self.expected.commit else self.differs(dag)
        return (State.OUT_OF_SYNC, f"runs {short(dag.commit)}: {how}") if how else None


def _orphans(expected: Expected, observed: Observed, bundle: str | None) -> Iterator[DagStatus]:
    """What Airflow runs and Git does not have. A stale DAG is only the history of one that was removed."""
    for dag in observed.dags:
        if dag.dag_id not in expected.dags and not dag.stale and bundle is not None and dag.bundle == bundle:
            detail = f"not in Git; from {dag.file}{_at(dag)}"
            yield DagStatus(dag.dag_id, State.ORPHAN, detail, "", dag.commit, dag.parsed)


_LOCATION = re.compile(r"^(\S.*?):(\d+):(\d+): error: (.*)$", re.MULTILINE)


def _reason(wanted: ExpectedDag, dag: LiveDag | None, failures: Iterable[ImportFailure]) -> str:
    """The import error that keeps a DAG from being what it should be: of its stub, or one that names its files."""
    for failure in failures:
        if failure.file in {wanted.stub, dag.file if dag else ""}:
            return f"{failure.file} cannot be loaded{_since(failure)}: {last_line(failure.text)}"
        for path, line, column, message in _LOCATION.findall(failure.text):
            if path in wanted.paths:
                return f"{path}:{line}:{column}: {message}{_since(failure)}"
    return ""


def _untold(
    failures: Iterable[ImportFailure], expected: Expected, told: Iterable[DagStatus]
) -> Iterator[ImportFailure]:
    """The import errors that are behind no DAG's state: all DAGs may be as they should be, and a file is not."""
    wrong = {each.dag_id for each in told if each.state is State.ERROR}
    paths = {path for dag_id in wrong & expected.dags.keys() for path in expected.dags[dag_id].paths}
    details = "\n".join(each.detail for each in told if each.state is State.ERROR)
    for failure in failures:
        named = [found[0] for found in _LOCATION.findall(failure.text)]
        is_told = all(path in paths for path in named) if named else f"{failure.file} cannot" in details
        if not is_told:
            yield failure


def last_line(text: str) -> str:
    """Of a traceback the line that says what went wrong."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason is given"


def short(commit: str) -> str:
    """A commit as people write it."""
    return commit[:7]


def _at(dag: LiveDag) -> str:
    return f" at {short(dag.commit)}" if dag.commit else ""


def _since(failure: ImportFailure) -> str:
    return f" (since {failure.since:%H:%M:%S} UTC)" if failure.since else ""
