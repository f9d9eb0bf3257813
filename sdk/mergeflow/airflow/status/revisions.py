"""What a commit says that Airflow should run, and how what other commits say differs from it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from mergeflow.airflow.stubs import stubs_to_touch
from mergeflow.catalog import CatalogError
from mergeflow.checker import check
from mergeflow.compiler import compile_project
from mergeflow.diagnostic import Report, Severity
from mergeflow.files import (
    RevisionError,
    changed_since,
    commit_of,
    committed_at,
    config_paths,
    entries,
    from_directory,
    from_revision,
    read,
)
from mergeflow.levels import keeps_out
from mergeflow.paths import defaults_above
from mergeflow.plan import DagChange, Kind, diff
from mergeflow.plan.contracts import of_suites
from mergeflow.plan.named_code import dags_that_run
from mergeflow.plan.sides import Side
from mergeflow.project import load
from mergeflow.rules import RULES
from mergeflow.shards import DAGS, TEST_CALL, python_below, stub_of
from mergeflow.status import Expected, ExpectedDag
from mergeflow.workspace import WrongUse, in_environment, known_around, known_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from mergeflow.files import Files
    from mergeflow.rules import Known
    from mergeflow.status import LiveDag

WORKING_TREE = "working tree"
_SEEN = ("configs", "validators", "dags")
_FEW = 4
"""So many differences of a DAG are named."""
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def named(root: Path, *names: str) -> str:
    """The first of these revisions that is there. Raises WrongUse."""
    for name in names:
        try:
            commit_of(root, name)
        except RevisionError:
            continue
        return name
    raise WrongUse(f"there is no {' and no '.join(names)} here: name a commit by --commit")


class Revisions:
    """A revision, none: the working tree, compiled; and every other commit that Airflow has, as far as it is asked for.

    Raises RevisionError and CatalogError for the expected revision; what cannot be read of another is a difference.
    """

    def __init__(self, root: Path, revision: str | None, environment: str = "") -> None:
        self._root = root
        self._revision = revision
        self._environment = environment
        self._commit = commit_of(root, revision) if revision else ""
        self._known = known_at(root, self._commit) if revision else known_around(root)
        self._side, self._report = self._compiled(self._commit, self._known)
        self._stubs = frozenset(f"{name}.py" for name in self._known.stubs or ())
        self._touched: dict[str, list[str] | None] = {}
        self._readers: dict[str, set[str]] = {}
        self._told: dict[str, Mapping[str, str]] = {}

    @cached_property
    def expected(self) -> Expected:
        """The DAGs that the revision has."""
        name = self._revision or WORKING_TREE
        return Expected(name, self._commit, self._since(), {each.dag_id: each for each in self._dags()}, self._tests())

    def _tests(self) -> frozenset[str]:
        """The files below `dags/` that make DAGs of test suites."""
        python: Files
        if self._commit:
            python = from_revision(self._root, self._commit, DAGS, suffixes=(".py",))
        else:
            python = {path: read(self._root, path) for path in python_below(self._root)}
        calling = (path for path, text in python.items() if isinstance(text, bytes) and TEST_CALL.encode() in text)
        return frozenset(path.removeprefix(f"{DAGS}/") for path in calling)

    @property
    def unknown(self) -> list[str]:
        """The commits that Airflow has and this clone does not."""
        return sorted(commit for commit, paths in self._touched.items() if paths is None)

    def differs(self, dag: LiveDag) -> str:
        """How a DAG at its commit in Airflow differs from what is expected, in a few words; empty if it does not.

        A stub that a merge does not touch keeps the commit before, so another commit alone says nothing.
        """
        commit = dag.commit or ""
        touched = self._touched_since(commit)
        if touched is None:
            return "a commit that this clone does not have"
        if commit not in self._readers:
            self._readers[commit] = stubs_to_touch(touched, self._stubs)
        if dag.file in self._stubs and dag.file not in self._readers[commit]:
            return ""
        if commit not in self._told:
            self._told[commit] = self._differences(commit, touched)
        return self._told[commit].get(dag.dag_id, "")

    def _touched_since(self, commit: str) -> list[str] | None:
        """The paths that differ between a commit and what is expected; None where the clone does not have it."""
        if commit not in self._touched:
            self._touched[commit] = self._paths(commit) if _COMMIT.fullmatch(commit) else None
        return self._touched[commit]

    def _paths(self, commit: str) -> list[str] | None:
        try:
            if not self._commit:
                return changed_since(self._root, commit)
            old, new = (
                {path: meta for meta, path in entries(self._root, each, *_SEEN)} for each in (commit, self._commit)
            )
        except RevisionError:
            return None
        return [path for path in old.keys() | new.keys() if old.get(path) != new.get(path)]

    def _differences(self, commit: str, touched: list[str]) -> dict[str, str]:
        try:
            before, _ = self._compiled(commit, known_at(self._root, commit))
        except CatalogError:
            return dict.fromkeys(self._side.dags, "that commit's catalog cannot be read")
        found = {each.dag_id: _worded(each) for each in diff(before.compiled, self._side.compiled).changes}
        for path, dag_ids in sorted(dags_that_run(self._side.dags.values(), touched, self._side.code).items()):
            for dag_id in dag_ids:
                found.setdefault(dag_id, f"{path} differs")
        for each in of_suites(before, self._side, touched):
            for dag_id in each.dag_ids:
                found.setdefault(dag_id, f"{each.place} differs")
        return found

    def _compiled(self, commit: str, known: Known) -> tuple[Side, Report]:
        """What Airflow makes of a commit: only errors that keep a DAG out count, and no date does."""
        project = load(from_revision(self._root, commit) if commit else from_directory(self._root))
        if commit == self._commit:
            in_environment(project, self._environment)
        project = project.within(self._environment)
        report = check(project, known, rules=filter(keeps_out, RULES), building=True)
        made = compile_project(project, report.broken, known.catalog)
        return Side(project, tuple(made), known.code), report

    def _dags(self) -> Iterator[ExpectedDag]:
        made_from, built = self._side.project.made_from, {each.dag_id for each in self._side.compiled}
        for each in self._side.project.named:
            path, dag_id = each.dag.path, each.dag.dag_id
            paths = tuple(dict.fromkeys((path, *defaults_above(path), *sorted(made_from.get(path, ())))))
            stub = stub_of(path, self._known.stubs or ())
            refused = "" if dag_id in built else self._refusal(dag_id, paths)
            yield ExpectedDag(dag_id, paths, refused, f"{stub}.py" if stub else "")

    def _refusal(self, dag_id: str, paths: tuple[str, ...]) -> str:
        """The error that keeps a DAG from being built: in its own file, or else in what it is made from."""
        errors = [each for each in self._report.diagnostics if each.severity is Severity.ERROR]
        for path in paths:
            about = [each for each in errors if each.location.path == path]
            own = [each for each in about if f"`{dag_id}`" in each.message]
            if first := next(iter(own or about), None):
                return f"{first.location}: {first.message}"
        return "this commit's configs have errors that keep it out; `mergeflow check` shows them"

    def _since(self) -> datetime:
        if self._commit:
            return datetime.fromtimestamp(committed_at(self._root, self._commit), UTC)
        files = (self._root / path for path in config_paths(self._root))
        return datetime.fromtimestamp(max((file.lstat().st_mtime for file in files), default=0), UTC)


def _worded(change: DagChange) -> str:
    """What differs in a DAG: the names of settings and tasks."""
    if change.kind is Kind.ADDED:
        return "that commit does not have it"
    parts = [*(each.name for each in change.fields), *(f"{each.noun} {each.name}" for each in change.nodes)]
    if change.was_in and not parts:
        return "differs in its file"
    more = f" and {len(parts) - _FEW} more" if len(parts) > _FEW else ""
    return f"differs in {', '.join(parts[:_FEW])}{more}"
