"""What somebody asks to be tested by name: DAGs, teams, suites, files, and the ids of tests that were printed."""

import os
from collections.abc import Collection
from pathlib import Path

from mergeflow.files import CONFIGS
from mergeflow.globs import matches
from mergeflow.model import near
from mergeflow.shards import DAGS
from mergeflow.tested import Kind
from mergeflow.testing.inventory import Inventory
from mergeflow.testing.wanted import Wanted
from mergeflow.workspace import WrongUse


def named(inventory: Inventory, names: Collection[str], here: Path) -> Wanted:
    """What these paths (from the folder `here`), dag_ids, patterns of dag_ids, suites, teams and test ids are.

    Raises WrongUse for what is none of these, or has no test.
    """
    wanted = Wanted(inventory)
    for name in names:
        if "::" in name and _is_id(name):
            _add_id(wanted, name)
        elif dag_ids := [dag_id for dag_id in inventory.dags if matches(dag_id, name)]:
            for dag_id in dag_ids:
                wanted.add_dag(dag_id)
        elif os.path.lexists(here / name):
            _add_path(wanted, name, here)
        elif suite := inventory.project.suites.get(name):
            wanted.add_beside(suite.path)
        elif name.isidentifier() and (inventory.root / CONFIGS / name).is_dir():
            _add_path(wanted, name, inventory.root / CONFIGS)
        elif name.partition("[")[0] in _tests(inventory):
            wanted.tests.add(name)
        else:
            hint = near(name, (*inventory.dags, *inventory.project.suites, *_tests(inventory)))
            raise WrongUse(f"`{name}` is no DAG, team, suite, file or test here{f': {hint}' if hint else ''}")
    return wanted


def _tests(inventory: Inventory) -> set[str]:
    """The ids of the pipeline tests, `dag_id::name`."""
    return {each.id for tests in inventory.tests.values() for each in tests}


def _is_id(name: str) -> bool:
    return name.split("::")[1] in set(Kind)


def _add_id(wanted: Wanted, name: str) -> None:
    """One test, as it is printed: `path::kind::name`."""
    inventory = wanted.inventory
    path, kind, test = name.split("::", 2) if name.count("::") > 1 else (*name.split("::"), "")
    if kind == Kind.INTEGRITY and test in inventory.stubs.values():
        wanted.stubs.add(test)
    elif kind == Kind.INTEGRITY and test in inventory.unread:
        wanted.files.add(test)
    elif kind == Kind.INTEGRITY and test in inventory.dags:
        wanted.dag_ids.add(test)
    elif kind == Kind.SAMPLE and path in inventory.samples:
        wanted.samples.add(path)
    elif kind == Kind.PIPELINE and test.partition("[")[0] in _tests(inventory):
        wanted.tests.add(test)
    else:
        raise WrongUse(f"there is no test `{name}`")


def _add_path(wanted: Wanted, name: str, here: Path) -> None:
    inventory, root = wanted.inventory, wanted.inventory.root
    full = (here / name).resolve()
    if not full.is_relative_to(root.resolve()):
        raise WrongUse(f"{name} lies outside the repository {root.name}/")
    path = full.relative_to(root.resolve()).as_posix()
    if path == ".":
        wanted.everything()
        return
    before = _size(wanted)
    for dag_id in inventory.made_from(path) | inventory.running([path]):
        wanted.add_dag(dag_id)
    wanted.add_beside(path)
    if full.is_dir():
        _add_folder(wanted, f"{path}/")
    if _size(wanted) == before and not full.is_dir():
        raise WrongUse(f"nothing that can be tested depends on {path}")


def _add_folder(wanted: Wanted, folder: str) -> None:
    inventory = wanted.inventory
    for dag_id, dag in inventory.dags.items():
        if dag.path.startswith(folder):
            wanted.add_dag(dag_id)
    for path in (*inventory.stubs.values(), *inventory.samples, *inventory.unread):
        if path.startswith(folder):
            wanted.add_beside(path)
    for suite in inventory.known.suites or ():
        for path in (f"validators/expectations/{suite}{suffix}" for suffix in (".yaml", ".yml")):
            if path.startswith(folder):
                wanted.add_beside(path)
    if folder.startswith(f"{DAGS}/"):
        below = [each.relative_to(inventory.root).as_posix() for each in (inventory.root / folder).rglob("*")]
        for dag_id in inventory.running([path for path in below if not path.endswith(".pyc")]):
            wanted.add_dag(dag_id)


def _size(wanted: Wanted) -> int:
    return sum(map(len, (wanted.dag_ids, wanted.stubs, wanted.samples, wanted.files, wanted.tests)))
