"""What Airflow runs in `dags/`: a team's configs become DAGs, and what is wrong with them becomes an import error.

One broken config never costs another DAG: a stub leaves out what does not check or build, and only
`dags/config_errors.py` raises. (An import error of a stub would mark every DAG of that stub stale, and end their
schedules.)
"""

import logging
import os
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Never

from airflow.sdk import DAG, get_parsing_context

from mergeflow.airflow.dagfactory import BuildError, build
from mergeflow.airflow.environment import concealed, expanded
from mergeflow.catalog import Catalog, CatalogError, load_catalog
from mergeflow.checker import check, diagnose
from mergeflow.compiler import CompiledDag, compile_project
from mergeflow.compiler.names import has_bare_names
from mergeflow.diagnostic import Diagnostic, Place, Problem, Report, Severity, in_order
from mergeflow.files import CONFIGS, ENVIRONMENTS, POLICY, TEMPLATES, Files, from_directory, read
from mergeflow.levels import keeps_out
from mergeflow.paths import DEFAULTS_NAMES, is_config, is_defaults
from mergeflow.project import Project, load
from mergeflow.render import text
from mergeflow.rules import RULES, Known
from mergeflow.source import START, Location
from mergeflow.workspace import known_around

Namespace = MutableMapping[str, Any]
"""A module's `globals()`."""

BUILD_RULES = tuple(filter(keeps_out, RULES))
"""What decides whether a DAG is built; a warning may depend on the day, and no DAG does."""

ENVIRONMENT = "MERGEFLOW_ENV"
"""The variable that names the environment in which this Airflow runs."""

log = logging.getLogger(__name__)


class ConfigErrors(Exception):
    """What Airflow shows as an import error: the diagnostics, as the terminal has them."""


@dataclass(frozen=True)
class Loaded:
    """The DAGs that could be built, and why the others could not."""

    dags: tuple[DAG, ...]
    errors: tuple[Diagnostic, ...]


def load_dags(namespace: Namespace, team: str) -> None:
    """Put every good DAG of `configs/<team>/` into a stub's namespace, where Airflow finds it.

    When Airflow parses for a single task, only the files that may define its DAG are read, and only it is built.
    """
    root, stub = _root(namespace), namespace["__file__"]
    wanted = get_parsing_context().dag_id
    loaded = _load(_naming(_team_files(root, team), wanted), Known(), stub, wanted)
    for dag in loaded.dags:
        namespace[f"dag {dag.dag_id}"] = dag  # a name that nothing else in a module can have
    for error in loaded.errors:
        log.error("left out: %s: %s [%s]", error.location, error.message, error.rule)


def raise_config_errors(namespace: Namespace) -> None:
    """Show what is wrong in `configs/` among Airflow's import errors; do nothing when nothing is."""
    root = _root(namespace)
    try:
        errors = _load(from_directory(root), known_around(root), namespace["__file__"]).errors
    except CatalogError as error:
        namespace["config_errors"] = _Refusal(str(error))
        return
    if errors:
        report = Report(errors, files=len({each.location.path for each in errors}))
        namespace["config_errors"] = _Refusal(text.render(report))


class _Refusal(DAG):
    """A DAG that Airflow refuses with a text of ours: a module that raises would be shown as a traceback."""

    def __init__(self, reason: str) -> None:
        super().__init__("mergeflow_config_errors", schedule=None)
        self._reason = reason

    def validate(self) -> Never:
        """Called by Airflow before it takes the DAG: raises what the user should read."""
        raise ConfigErrors(f"\n{self._reason}")


def _load(files: Files, known: Known, stub: str, wanted: str | None = None) -> Loaded:
    """A stub needs a catalog only for bare names: what an operator does not take, building it tells."""
    project = load(files).within(os.environ.get(ENVIRONMENT, ""))
    if project.environment and project.environment not in project.environments:
        return Loaded((), (_unknown_environment(project.environment),))
    if not known.catalog and any(has_bare_names(dag.config) for dag in project.dags):
        known = replace(known, catalog=_catalog(stub))
    report = check(project, known, rules=BUILD_RULES, building=True)
    names = project.policy.expand_environment
    dags: list[DAG] = []
    errors = [each for each in report.diagnostics if each.severity is Severity.ERROR]
    for compiled in compile_project(project, report.broken, known.catalog):
        if wanted in (None, compiled.dag_id):
            try:
                expanding = replace(compiled, config=expanded(compiled.config, names)) if names else compiled
                dags.append(build(expanding, stub, for_storage=wanted is None))
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
        return load_catalog(_root({"__file__": stub}))
    except CatalogError as error:
        log.error("left out, where an operator has a bare name: %s", error)  # noqa: TRY400 - one line says it all
        return Catalog()


def _unbuildable(project: Project, compiled: CompiledDag, error: str) -> Diagnostic:
    place = Place(compiled.path, (compiled.dag_id,), "key")
    return diagnose(project, Problem("build-failed", f"Airflow cannot build `{compiled.dag_id}`: {error}", place))


def _root(namespace: Namespace) -> Path:
    """The repository: the folder above the stub's."""
    return Path(namespace["__file__"]).absolute().parent.parent


def _team_files(root: Path, team: str) -> Files:
    above = (*(f"{CONFIGS}/{name}" for name in DEFAULTS_NAMES), POLICY)
    shared = {path: read(root, path) for path in above if (root / path).exists()}
    return {**shared, **from_directory(root, TEMPLATES, ENVIRONMENTS, f"{CONFIGS}/{team}")}


def _naming(files: Files, dag_id: str | None) -> Files:
    """Those of `files` that may define a DAG, and the defaults; all of them when none is wanted in particular."""
    if dag_id is None:
        return files
    naming = dict(_defining(files, dag_id.encode()))
    return naming if any(map(_defines_dags, naming)) else files  # YAML may write it with an escape


def _defining(files: Files, name: bytes) -> Iterator[tuple[str, Any]]:
    for path, content in files.items():
        if not _defines_dags(path) or (isinstance(content, bytes) and _may_define(content, name)):
            yield path, content


def _may_define(content: bytes, name: bytes) -> bool:
    """An expression may stand for any name, and a list may hold the items that a DAG is made for."""
    return name in content or b"${{" in content or content.lstrip()[:1] in (b"-", b"[", b"#")


def _defines_dags(path: str) -> bool:
    return is_config(path) and not is_defaults(path)
