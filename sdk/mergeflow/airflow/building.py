"""Files become DAGs, as far as they are right, and diagnostics: what stubs and `config_errors.py` share."""

import logging
import os
from dataclasses import dataclass, replace

from airflow.sdk import DAG

from mergeflow.airflow.dagfactory import BuildError, build
from mergeflow.airflow.environment import concealed, expanded
from mergeflow.airflow.reading import ENVIRONMENT, root_of
from mergeflow.catalog import Catalog, CatalogError, load_catalog
from mergeflow.checker import check, diagnose
from mergeflow.compiler import CompiledDag, compile_project
from mergeflow.compiler.names import has_bare_names
from mergeflow.diagnostic import Diagnostic, Place, Problem, Severity, in_order
from mergeflow.files import ENVIRONMENTS, Files
from mergeflow.levels import keeps_out
from mergeflow.project import Project, load
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


def build_all(files: Files, known: Known, stub: str) -> Loaded:
    """Every DAG of these files."""
    return build_project(load(files).within(os.environ.get(ENVIRONMENT, "")), known, stub)


def build_project(project: Project, known: Known, stub: str) -> Loaded:
    """Every DAG of a project, or the wanted one.

    A stub needs a catalog only for bare names: what an operator does not take, building it tells.
    """
    if project.environment and project.environment not in project.environments:
        return Loaded((), (_unknown_environment(project.environment),))
    if not known.catalog and any(has_bare_names(dag.config) for dag in project.dags):
        known = replace(known, catalog=_catalog(stub))
    report = check(project, known, rules=BUILD_RULES, building=True)
    names = project.policy.expand_environment
    dags: list[DAG] = []
    errors = [each for each in report.diagnostics if each.severity is Severity.ERROR]
    for compiled in compile_project(project, report.broken, known.catalog):
        try:
            expanding = replace(compiled, config=expanded(compiled.config, names)) if names else compiled
            dags.append(build(expanding, stub, for_storage=project.wanted is None))
        except BuildError as error:
            errors.append(_unbuildable(project, compiled, concealed(str(error), names)))
    return Loaded(tuple(dags), in_order(errors))


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


def _unbuildable(project: Project, compiled: CompiledDag, error: str) -> Diagnostic:
    place = Place(compiled.path, (compiled.dag_id,), "key")
    return diagnose(project, Problem("build-failed", f"Airflow cannot build `{compiled.dag_id}`: {error}", place))
