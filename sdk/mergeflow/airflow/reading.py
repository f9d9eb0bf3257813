"""Which files a stub reads: its folder's, and what these are merged with; for one task, those of its DAG alone."""

import os
import os.path
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mergeflow.airflow import whereabouts
from mergeflow.dag import Dag
from mergeflow.expressions import fits
from mergeflow.files import CONFIG_SUFFIXES, CONFIGS, ENVIRONMENTS, POLICY, config_paths, read
from mergeflow.nearby import defining
from mergeflow.paths import defaults_above, folders_of, is_config, is_defaults
from mergeflow.project import Project, load
from mergeflow.shards import DAGS, shards_of, stub_of
from mergeflow.templates import sources_of

ENVIRONMENT = "MERGEFLOW_ENV"
"""The variable that names the environment in which this Airflow runs."""


def dags_of(stub: str | Path) -> Path:
    """The folder `dags/` that a stub stands in, or a shard below a folder of it: there scripts and templates are."""
    file = Path(stub).absolute()
    beside = (each for each in file.parents if each.name == DAGS and (each.parent / CONFIGS).is_dir())
    return next(beside, file.parent)


def root_of(namespace: Mapping[str, Any]) -> Path:
    """The repository: the folder that holds `configs/` and `dags/`."""
    return dags_of(namespace["__file__"]).parent


def project_of(root: Path, name: str) -> Project:
    """All that a stub loads, without what its shards do, with what it is merged with and made from."""
    paths, stubs = config_paths(root, f"{CONFIGS}/{name}"), {name, *shards_of(root, name)}
    own = [path for path in paths if stub_of(path, stubs) == name] if len(stubs) > 1 else paths
    return _project(root, own, (f"{CONFIGS}/{name}/",))


def project_of_one(root: Path, name: str, dag_id: str) -> Project:
    """What one DAG of a stub is built from: its file, the defaults above it, its template and its items.

    The first file counts that really defines it. Where two do, which a check refuses, that need not be the one that a
    parse of all took; such a DAG may be built here and not there, and never the other way round.
    """
    project = Project({}, wanted=dag_id)
    for paths, is_told in _candidates(root, name, dag_id):
        project = _project(root, paths, paths, dag_id)
        if project.named:
            if not is_told:
                whereabouts.tell_one(name, dag_id, project.named[0].dag.path)
            break
    return project


def remember(name: str, dags: Iterable[Dag]) -> None:
    """Tell workers in which files a stub's DAGs are, as far as the names of the files do not."""
    found: dict[str, str] = {}
    for dag in dags:
        found.setdefault(dag.dag_id, dag.path)
    whereabouts.tell(name, {dag_id: path for dag_id, path in found.items() if path != _called_after(name, dag_id)[0]})


def _candidates(root: Path, name: str, dag_id: str) -> Iterator[tuple[list[str], bool]]:
    """Paths to look for a DAG in, the cheapest first, and whether a later worker would look there as soon.

    A run keeps its commit, but Airflow starts its tasks from the stub that its DAG is in today. So what shards load is
    looked at, too, and in the end all configs.
    """
    told = whereabouts.path_of(name, dag_id)
    if told and is_config(told) and _is_there(root, told):
        yield [told], True
    for path in _called_after(name, dag_id):
        if _is_there(root, path):
            yield [path], True
    own = config_paths(root, f"{CONFIGS}/{name}")
    yield from ((paths, False) for paths in _naming(root, own, dag_id))
    yield own, False  # YAML may write a name with an escape
    yield from ((paths, False) for paths in _naming(root, config_paths(root, CONFIGS), dag_id))


def _naming(root: Path, paths: Iterable[str], dag_id: str) -> Iterator[list[str]]:
    """The files that are called after a DAG; then those that seem to define it."""
    paths = [path for path in paths if is_config(path) and not is_defaults(path)]
    if called := [path for path in paths if path.rpartition("/")[2].rpartition(".")[0] == dag_id]:
        yield called
    texts = {path: text for path in paths if isinstance(text := read(root, path), bytes)}
    if found := defining(texts, [dag_id]):
        yield [*found]


def _called_after(name: str, dag_id: str) -> list[str]:
    return [f"{CONFIGS}/{name}/{dag_id}{suffix}" for suffix in CONFIG_SUFFIXES]


def _project(root: Path, paths: Collection[str], below: Iterable[str], wanted: str | None = None) -> Project:
    """These files, and what stands above `below`; then what their DAGs are made from."""
    chosen = os.environ.get(ENVIRONMENT, "")
    environment = [f"{ENVIRONMENTS}/{chosen}{suffix}" for suffix in CONFIG_SUFFIXES if chosen]
    shared = {POLICY, *environment, *(each for path in below for each in defaults_above(path))}
    above = {path for path in shared.difference(paths) if _is_there(root, path)}
    project = replace(_load(root, above.union(paths)), wanted=wanted, environment=chosen)
    sources = {path for path in _sources(project).difference(project.paths) if _is_there(root, path)}
    return project.joined(_load(root, sources)) if sources else project


def _load(root: Path, paths: Iterable[str]) -> Project:
    return load({path: read(root, path) for path in sorted(paths)})


def _sources(project: Project) -> set[str]:
    """The paths of the templates and items that the DAGs of a project are made from, there or not."""
    found: set[str] = set()
    for path in filter(is_config, project.made_from):
        data = project.documents[path].data
        for key, each in data.items() if isinstance(data, dict) else ():
            if isinstance(key, str) and isinstance(each, dict) and _may_make(key, project.wanted):
                found.update(sources_of(path, each))
    return found


def _may_make(key: str, wanted: str | None) -> bool:
    return wanted is None or fits(wanted.encode(), key.encode("utf-8", "replace"))


def _is_there(root: Path, path: str) -> bool:
    """Whether a listing of the folder would have a file: one that a config names must not lead out of it."""
    if os.path.normpath(path) != path or not os.path.lexists(f"{root}/{path}"):
        return False
    within = [folder for folder in folders_of(path) if folder.count("/") > 1]
    return not any(os.path.islink(f"{root}/{folder}") for folder in within)  # noqa: PTH114
