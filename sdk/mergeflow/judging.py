"""The state of each DAG, from what a commit expects and what Airflow says of itself. Nobody is asked here."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from mergeflow.status import (
    DagStatus,
    Expected,
    ExpectedDag,
    ImportFailure,
    LiveDag,
    Observed,
    State,
    Status,
    last_line,
    short,
)

_LOCATION = re.compile(r"^(\S.*?):(\d+):(\d+): error: (.*)$", re.MULTILINE)

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
            reason = self._reason(wanted, dag)
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
            since = f"{self.expected.label} was made" if self.expected.commit else "the last change here"
            return (State.OUT_OF_SYNC, f"not parsed since {since}") if late else None
        how = "" if dag.commit == self.expected.commit else self.differs(dag)
        return (State.OUT_OF_SYNC, f"runs {short(dag.commit)}: {how}") if how else None

    def _reason(self, wanted: ExpectedDag, dag: LiveDag | None) -> str:
        """The import error that keeps a DAG from being what it should be: of its stub, or one that names its files."""
        for failure in self.failures:
            if failure.file in {wanted.stub, dag.file if dag else ""}:
                return f"{failure.file} cannot be loaded{_since(failure)}: {last_line(failure.text)}"
        return next((self._named[path] for path in wanted.paths if path in self._named), "")

    @cached_property
    def _named(self) -> Mapping[str, str]:
        """The first error of each file that import errors name."""
        found: dict[str, str] = {}
        for failure in self.failures:
            for path, line, column, message in _LOCATION.findall(failure.text):
                found.setdefault(path, f"{path}:{line}:{column}: {message}{_since(failure)}")
        return found


def _orphans(expected: Expected, observed: Observed, bundle: str | None) -> Iterator[DagStatus]:
    """What Airflow runs and Git does not have. A stale DAG is only the history of one that was removed."""
    for dag in observed.dags:
        is_known = dag.dag_id in expected.dags or dag.file in expected.tests
        if not is_known and not dag.stale and bundle is not None and dag.bundle == bundle:
            detail = f"not in Git; from {dag.file}{_at(dag)}"
            yield DagStatus(dag.dag_id, State.ORPHAN, detail, "", dag.commit, dag.parsed)


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


def _at(dag: LiveDag) -> str:
    return f" at {short(dag.commit)}" if dag.commit else ""


def _since(failure: ImportFailure) -> str:
    return f" (since {failure.since:%H:%M:%S} UTC)" if failure.since else ""
