"""A program: runs the DAGs of a repository one after another, each once, and prints the states of their tasks.

It runs apart from the tests because Airflow's database and settings are its process's.
"""

import json
import os
import runpy
import sys
import tempfile
from pathlib import Path

from mergeflow.airflow.testing import home


def main(root: Path, dag_ids: list[str]) -> None:
    """Run DAGs of the team `team`; what a DAG logs stands after a line with its id."""
    sys.path.insert(0, str(root / "dags"))
    names = runpy.run_path(str(root / "dags/team.py"))
    for dag_id in dag_ids:
        _say(f"RUN {dag_id}")
        run = names[f"dag {dag_id}"].test()
        tasks = {f"{each.task_id} {each.map_index}": each.state for each in run.get_task_instances()}
        _say(f"STATES {json.dumps({'run': run.state, **tasks})}")
    _say(f"ASSETS {json.dumps(_extras())}")


def _extras() -> dict[str, object]:
    """What the events of assets carry, by the assets' addresses."""
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        return {event.uri: event.extra for event in session.scalars(select(AssetEvent))}


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        home._copy_database(Path(folder), Path(__file__).resolve().parents[3] / home.CACHE)
        os.environ |= {"AIRFLOW_HOME": folder, "AIRFLOW__CORE__DAGS_FOLDER": f"{sys.argv[1]}/dags"}
        os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
        main(Path(sys.argv[1]), sys.argv[2:])
