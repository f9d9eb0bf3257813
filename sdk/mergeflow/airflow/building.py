"""Files become DAGs, as far as they are right, and diagnostics: what stubs and `config_errors.py` share."""

import gc
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from airflow.sdk import DAG

from mergeflow.airflow.alarm import ENDED, Alarm, left
from mergeflow.airflow.dagfactory import BuildError, build
from mergeflow.airflow.environment import concealed, expanded
from mergeflow.airflow.reading import ENVIRONMENT, root_of
from mergeflow.airflow.verdicts import FINE, Verdicts
from mergeflow.catalog import Catalog, CatalogError, load_catalog
from mergeflow.checker import check, diagnose
from mergeflow.compiler import CompiledDag, compile_project
from mergeflow.compiler.names import has_bare_names
from mergeflow.diagnostic import Diagnostic, Place, Problem, Severity, in_order
from mergeflow.files import ENVIRONMENTS
from mergeflow.levels import keeps_out
from mergeflow.project import Project
from mergeflow.rules import RULES, Known
from mergeflow.source import START, Location

BUILD_RULES = tuple(filter(keeps_out, RULES))
"""What decides whether a DAG is built; a warning may depend on the day, and no DAG does."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Loaded:
    """The DAGs that could be built, and why the others could not."""

    dags: tuple[DAG, ...]
    errors: tuple[Diagnostic, ...]


@dataclass(frozen=True)
class Ready:
    """What a check lets through, compiled, and what it does not."""

    project: Project
    compiled: Sequence[CompiledDag]
    errors: tuple[Diagnostic, ...]

    def unbuildable(self, compiled: CompiledDag, error: str) -> Diagnostic:
        """The error of a DAG that could not be built, at its line of today."""
        place = Place(compiled.path, (compiled.dag_id,), "key")
        message = f"Airflow cannot build `{compiled.dag_id}`: {error}"
        return diagnose(self.project, Problem("build-failed", message, place))


@contextmanager
def uncollected() -> Iterator[None]:
    """Without Python's search for circles of objects, which goes through a whole fleet again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@uncollected()
def build_project(project: Project, known: Known, stub: str) -> Loaded:
    """Every DAG of a project, or the wanted one; how it went is noted, except by a worker, which must not wait."""
    ready, attempts = checked(project, known, stub), Attempts(project, stub)
    if project.wanted is not None:
        made = [(each, attempts.build(each, for_storage=False)) for each in ready.compiled]
    else:
        made = _noting(ready, attempts, stub)
    errors = (ready.unbuildable(compiled, dag) for compiled, dag in made if isinstance(dag, str))
    dags = tuple(dag for _, dag in made if isinstance(dag, DAG))
    return Loaded(dags, in_order((*ready.errors, *errors)))


def checked(project: Project, known: Known, stub: str) -> Ready:
    """Check and compile.

    A stub needs a catalog only for bare names: what an operator does not take, building it tells.
    """
    if project.environment and project.environment not in project.environments:
        return Ready(project, (), (_unknown_environment(project.environment),))
    if not known.catalog and any(has_bare_names(dag.config) for dag in project.dags):
        known = replace(known, catalog=_catalog(stub))
    report = check(project, known, rules=BUILD_RULES, building=True)
    errors = tuple(each for each in report.diagnostics if each.severity is Severity.ERROR)
    return Ready(project, compile_project(project, report.broken, known.catalog), errors)


class Attempts:
    """Builds one DAG after the other, within the time that Airflow gives to a file."""

    def __init__(self, project: Project, stub: str) -> None:
        self._names = project.policy.expand_environment
        self._stub = stub
        self.alarm = Alarm()

    def build(self, compiled: CompiledDag, *, for_storage: bool = True) -> DAG | str:
        """The DAG, or why it cannot be built. Raises AirflowTaskTimeout when the time is over for all of them."""
        config = expanded(compiled.config, self._names) if self._names else compiled.config
        before = left()
        try:
            made: DAG | str = build(replace(compiled, config=config), self._stub, for_storage=for_storage)
        except BuildError as error:
            made = concealed(str(error), self._names)
        if self.alarm.has_ended(before) and isinstance(made, str):
            return ENDED
        return made


def _noting(ready: Ready, attempts: Attempts, stub: str) -> list[tuple[CompiledDag, DAG | str]]:
    """Build all; what Airflow could store before, it can store again."""
    root = root_of({"__file__": stub})
    note = Path(stub).absolute().relative_to(root).as_posix()
    verdicts = Verdicts(root, ready.project.policy.expand_environment)
    before, after = verdicts.of([note]), {}
    made: list[tuple[CompiledDag, DAG | str]] = []
    try:
        for compiled in ready.compiled:
            key = verdicts.key(compiled)
            dag = attempts.build(compiled, for_storage=before.get(key) != FINE)
            after[key] = dag if isinstance(dag, str) else FINE
            made.append((compiled, dag))
    finally:
        verdicts.note(note, after)
    return made


def _unknown_environment(name: str) -> Diagnostic:
    """No DAG is built: one without its patches might write to where it must not."""
    location = Location(f"{ENVIRONMENTS}/{name}.yaml", START)
    message = f"{ENVIRONMENT} is `{name}`, and there is no such environment; no DAG is built"
    return Diagnostic(
        location, "unknown-environment", message, hint=f"write this file, or set {ENVIRONMENT} to another"
    )


def _catalog(stub: str) -> Catalog:
    try:
        return load_catalog(root_of({"__file__": stub}))
    except CatalogError as error:
        log.error("left out, where an operator has a bare name: %s", error)  # noqa: TRY400 - one line says it all
        return Catalog()
