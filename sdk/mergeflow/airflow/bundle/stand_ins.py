"""Shards for folders that have none, in the files of one version: a DAG may get a stub of its own during a run.

A run keeps its commit, but Airflow starts its tasks from the stub that its DAG is in today. Without that file, it says
"Dag not found", tries for a while and fails the run. Nothing but tasks reads a version, so these take no DAG away.
"""

import errno
import os
from pathlib import Path

from mergeflow.files import CONFIGS
from mergeflow.render.stubs import stub
from mergeflow.shards import CODE, DAGS, SHARED

_NO_PLACE = frozenset({errno.EEXIST, errno.ENAMETOOLONG, errno.ENOTDIR})
"""What is wrong with a name, and not with the disk."""


def add_stand_ins(root: Path) -> None:
    """Write a stub for each folder in a team's configs that has none; raises OSError where the disk does not take it.

    Needs a team's stub: without one, the folder belongs to no team yet. A folder whose name or place allows none goes
    without: nobody may lose a task by another's folder.
    """
    for team in root.glob(f"{DAGS}/*.py"):
        top = root / CONFIGS / team.stem
        if team.stem in CODE | SHARED or top.is_symlink() or not top.is_dir():
            continue
        for folder, _, _ in os.walk(top):
            name = Path(folder).relative_to(root / CONFIGS).as_posix()
            if not os.path.lexists(root / DAGS / f"{name}.py") and _is_text(name):
                _write(root / DAGS, name)


def _write(dags: Path, name: str) -> None:
    file = dags / f"{name}.py"
    if any(above.is_symlink() for above in file.parents if above.is_relative_to(dags)):
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(stub(name), encoding="utf-8")
    except OSError as error:
        if error.errno not in _NO_PLACE:
            raise


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
