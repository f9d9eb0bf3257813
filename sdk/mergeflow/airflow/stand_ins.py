"""Shards for folders that have none, in the files of one version: a DAG may get a stub of its own during a run.

A run keeps its commit, but Airflow starts its tasks from the stub that its DAG is in today. Without that file, it says
"Dag not found", tries for a while and fails the run. Nothing but tasks reads a version, so these take no DAG away.
"""

import os
from pathlib import Path

from mergeflow.files import CONFIGS
from mergeflow.render.stubs import stub
from mergeflow.shards import CODE, DAGS, SHARED


def add_stand_ins(root: Path) -> None:
    """Write a stub for each folder in a team's configs that has none; raises OSError where the disk does not take it.

    Needs a team's stub: without one, the folder belongs to no team yet.
    """
    for team in root.glob(f"{DAGS}/*.py"):
        top = root / CONFIGS / team.stem
        if team.stem in CODE | SHARED or not top.is_dir():
            continue
        for folder, _, _ in os.walk(top):
            name = Path(folder).relative_to(root / CONFIGS).as_posix()
            file = root / DAGS / f"{name}.py"
            if not os.path.lexists(file):
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(stub(name), encoding="utf-8")
