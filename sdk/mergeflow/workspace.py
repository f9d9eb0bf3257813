"""A repository on disk as the commands see it: its root, the configs in question, and what is known around them."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from mergeflow.catalog import CATALOG_PATH, Catalog, load_catalog, parse_catalog
from mergeflow.code import DAGS, Code, FolderTree, RevisionTree
from mergeflow.environments import environment_of
from mergeflow.files import (
    CONFIGS,
    DECLARED,
    DECLARING,
    ENVIRONMENTS,
    POLICY,
    SUITES,
    Files,
    Unreadable,
    config_paths,
    from_directory,
    from_revision,
    read,
)
from mergeflow.mentions import Mentions
from mergeflow.model import near
from mergeflow.nearby import makers, nearby, with_names
from mergeflow.paths import defaults_above, is_defaults, suite_of
from mergeflow.project import Project, load
from mergeflow.rules import HOUSE_RULES, Known
from mergeflow.samples import Samples
from mergeflow.shards import shards_in, stubs_in

STUBS = DAGS
"""Where the stubs are: `dags/<team>.py`."""


class WrongUse(Exception):
    """A command was called in a way that cannot work; its text is one sentence for the user."""


class Selection(NamedTuple):
    """What a question is about: the project that answers it, and the paths to report on (none: all)."""

    project: Project
    focus: frozenset[str] | None = None


def find_root(start: Path) -> Path:
    """The nearest folder, from `start` upwards, that holds `configs/`. Raises WrongUse when there is none."""
    for folder in (start, *start.parents):
        if (folder / CONFIGS).is_dir():
            return folder
    raise WrongUse(f"there is no {CONFIGS}/ folder here or above; run this inside a Mergeflow repository")


def known_around(root: Path) -> Known:
    """The catalog, the stubs, the suites and the code of a repository. Raises CatalogError."""
    stubs = stubs_in(root / DAGS)
    suites = _suites(config_paths(root, SUITES))
    house = frozenset(rule.stem.replace("_", "-") for rule in (root / HOUSE_RULES).glob("*.py"))
    mentions, code = Mentions.on_disk(root), Code(FolderTree(root))
    samples = Samples.on_disk(root)
    return Known(load_catalog(root), stubs, suites, mentions=mentions, code=code, house=house, samples=samples)


def known_at(root: Path, revision: str) -> Known:
    """The catalog, the stubs, the suites and the code of a revision. Raises CatalogError and RevisionError."""
    catalog = from_revision(root, revision, CATALOG_PATH, suffixes=(".json",)).get(CATALOG_PATH)
    python = from_revision(root, revision, DAGS, suffixes=(".py",))
    return Known(
        parse_catalog(catalog) if isinstance(catalog, bytes) else Catalog(),
        frozenset(stub.stem for stub in map(PurePosixPath, python) if len(stub.parts) == 2).union(shards_in(python)),
        _suites(from_revision(root, revision, SUITES)),
        mentions=Mentions.at(root, revision),
        code=Code(RevisionTree(root, revision, DAGS, python)),
        samples=Samples.at(root, revision),
    )


def _suites(paths: Iterable[str]) -> frozenset[str]:
    return frozenset(name for path in paths if (name := suite_of(path)))


def in_environment(project: Project, name: str) -> Project:
    """The project in an environment; as it is with an empty name. Raises WrongUse for one that is not there."""
    if name and name not in project.environments:
        hint = near(name, project.environments) or f"it would be {ENVIRONMENTS}/{name}.yaml"
        raise WrongUse(f"there is no environment `{name}`: {hint}")
    return project.within(name) if name else project


def select(root: Path, paths: Sequence[Path]) -> Selection:
    """Read what a question about `paths` needs; about everything when there are none.

    That is the files themselves, the defaults above them, and other files only where these seem to have to do with
    their DAGs: a commit hook must not parse a fleet to check one file. Raises WrongUse for a path that is not there.
    """
    if not paths:
        return Selection(load(from_directory(root)))
    every = config_paths(root)
    focus = _focus(root, paths, every)
    if any(map(environment_of, focus)):
        return Selection(load(from_directory(root)), frozenset(focus))
    environments = {path for path in every if environment_of(path)}
    above = {each for path in focus for each in (*defaults_above(path), POLICY)} & set(every) | environments
    files = _read(root, sorted(focus | above))
    others = _read(root, (path for path in every if path not in files))
    near = _with(files, makers({path: files[path] for path in focus if path in files}, others), others)
    found = nearby(near, others)
    project = _with(files, found, others) if found else near
    return Selection(with_names(replace(project, beside=frozenset(found)), others), frozenset(focus))


def _with(files: dict[str, bytes | Unreadable], more: Files, others: Files) -> Project:
    """The project of these files and `more`; with the defaults above, and what DAGs are made from, among `others`."""
    above = {each for path in more for each in defaults_above(path)}
    files |= {path: others[path] for path in (*more, *above) if path in others}
    project = load(dict(sorted(files.items())))
    made_from = {path for sources in project.made_from.values() for path in sources} - files.keys()
    folders = {path.rpartition("/")[0] for path in made_from - others.keys()}  # a name beside it may be meant
    beside = {path for path in others.keys() - files.keys() if folders and path.rpartition("/")[0] in folders}
    if wanted := made_from & others.keys() | beside:
        return _with(files, {path: others[path] for path in wanted}, others)
    return project


def _focus(root: Path, paths: Sequence[Path], every: Sequence[str]) -> set[str]:
    focus: set[str] = set()
    for path in paths:
        if not os.path.lexists(path):
            raise WrongUse(f"{path} does not exist")
        full = path.parent.resolve() / path.name if path.is_symlink() else path.resolve()
        if not full.is_relative_to(root):
            raise WrongUse(f"{path} lies outside the repository {root.name}/")
        name = full.relative_to(root).as_posix()
        below = f"{full.parent.relative_to(root).as_posix()}/" if is_defaults(name) else f"{name}/".removeprefix("./")
        focus |= {each for each in every if each == name or each.startswith(below)}
        if full.is_file() and name.endswith(DECLARING) and name.startswith(DECLARED):
            focus.add(name)
    return focus


def _read(root: Path, paths: Iterable[str]) -> dict[str, bytes | Unreadable]:
    return {path: read(root, path) for path in paths}
