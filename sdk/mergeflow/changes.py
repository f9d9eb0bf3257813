"""What a branch has touched, and what depends on it: what `check --changed` asks about.

Told from texts first and from DAGs then, as `nearby` does: a fleet is not parsed to find the few files that matter.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from mergeflow.catalog import CATALOG_PATH
from mergeflow.code import DAGS
from mergeflow.dag import Dag
from mergeflow.files import (
    CONFIGS,
    DECLARED,
    POLICY,
    Files,
    changed_since,
    from_directory,
    from_revision,
    merge_base,
)
from mergeflow.nearby import naming
from mergeflow.paths import defaults_above, is_config, is_defaults, suite_of
from mergeflow.project import load
from mergeflow.relations import assets_of, dag_ids_of
from mergeflow.rules import HOUSE_RULES
from mergeflow.templates import template_of
from mergeflow.workspace import Selection, select

FOR_ALL = (POLICY, CATALOG_PATH, f"{HOUSE_RULES}/", f"{CONFIGS}/environments/")
"""Files, and folders of files, that every config is held against."""

Texts = Mapping[str, bytes]

NOTHING = Selection(load({}), frozenset())
TOO_MANY = 500
"""So many names would not fit into the command line of Git."""


def select_changed(root: Path, base: str) -> Selection:
    """The files that differ from where this branch left `base`, and those that depend on them: perhaps none.

    Differing are also files that Git does not know yet, and those that are gone. Raises RevisionError.
    """
    parted = merge_base(root, base, "HEAD")
    touched = [path for path in changed_since(root, parted) if path.startswith((*DECLARED, *FOR_ALL, f"{DAGS}/"))]
    if any(path.startswith(FOR_ALL) for path in touched):
        return select(root, ())
    configs = [path for path in touched if is_config(path)]
    before = from_revision(root, parted, *(configs if len(configs) < TOO_MANY else ())) if configs else {}
    files = from_directory(root) if touched else {}
    focus = {path for path in touched if path in files} | set(_dependents(touched, before, files))
    return select(root, [root / path for path in sorted(focus)]) if focus else NOTHING


def _dependents(touched: Iterable[str], before: Files, files: Files) -> Iterator[str]:
    texts = {path: content for path, content in files.items() if isinstance(content, bytes)}
    configs = {path: content for path, content in texts.items() if is_config(path)}
    for path in touched:
        names: Iterable[str] = ()
        if is_defaults(path):
            yield from _below(path, configs)
        elif path.startswith(f"{DAGS}/"):
            names = _names_of_code(path)
            team = path.removeprefix(f"{DAGS}/").removesuffix(".py")
            yield from (each for each in configs if each.startswith(f"{CONFIGS}/{team}/"))
        elif path.startswith(f"{CONFIGS}/") and not is_config(path):
            names = (template_of(path) or path.rpartition("/")[2],)  # what DAGs are made from
        elif suite := suite_of(path):
            names = (suite.rpartition("/")[2],)
        yield from _naming(configs, names)
    now = {path: files[path] for path in touched if path in files}
    yield from _related(_dags(before), _dags(now), texts)
    yield from _suites_named_in(before, texts)


def _names_of_code(path: str) -> Iterable[str]:
    """What a config may call a file below `dags/`: a module by its import path, a script by its name."""
    file = PurePosixPath(path)
    module = file.parent if file.name == "__init__.py" else file.with_suffix("")
    return (file.name, ".".join(module.parts[1:])) if file.suffix == ".py" else (file.name,)


def _naming(configs: Texts, names: Iterable[str]) -> Iterator[str]:
    """The configs in which one of these names stands; all below defaults in which it does."""
    for path in naming(configs, [name for name in names if name]):
        yield path
        yield from _below(path, configs) if is_defaults(path) else ()


def _below(defaults: str, configs: Texts) -> Iterator[str]:
    folder = defaults.rpartition("/")[0]
    return (each for each in configs if each.startswith(f"{folder}/"))


def _related(before: tuple[Dag, ...], now: tuple[Dag, ...], texts: Texts) -> Iterator[str]:
    """The files with DAGs that refer to these, as they were or as they are: that trigger them, or wait for them."""
    dags = (*before, *now)
    dag_ids, (_, makes) = {dag.dag_id for dag in dags}, assets_of(dags)
    configs = {path: content for path, content in texts.items() if is_config(path)}
    found = set(_naming(configs, dag_ids | makes))
    above = {path for each in found for path in defaults_above(each)}
    for dag in load({path: texts[path] for path in sorted(found | above) if path in texts}).dags:
        waits, _ = assets_of((dag,))
        if not (dag_ids.isdisjoint(dag_ids_of((dag,))) and makes.isdisjoint(waits)):
            yield dag.path


def _suites_named_in(before: Files, texts: Texts) -> Iterator[str]:
    """The suites that the configs may have used: one that nothing uses any more is a problem of its own."""
    contents = [content for path, content in before.items() if is_config(path) and isinstance(content, bytes)]
    for path in texts:
        suite = suite_of(path)
        if suite and any(suite.rpartition("/")[2].encode() in content for content in contents):
            yield path


def _dags(files: Files) -> tuple[Dag, ...]:
    return load({path: content for path, content in files.items() if is_config(path)}).dags
