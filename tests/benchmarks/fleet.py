"""A fleet of DAGs of five tasks each, written once for every contender."""

import shutil
from pathlib import Path

CATALOG = Path(__file__).resolve().parents[2] / "validators/catalog.json"
TASKS = 5
BASH = "airflow.providers.standard.operators.bash.BashOperator"


def write(root: Path, dags: int, teams: int) -> Path:
    """Write a repository of one DAG per file, and beside it `by_hand.py` with the same; return the first config.

    The operators are checked as in any repository: against this one's catalog.
    """
    (root / "dags").mkdir(parents=True)
    (root / "validators").mkdir()
    shutil.copy(CATALOG, root / "validators")
    for team in range(teams):
        folder = root / f"configs/team_{team:02}"
        folder.mkdir(parents=True)
        stub = f'from mergeflow.airflow import load_dags\n\nload_dags(globals(), "team_{team:02}")\n'
        (root / f"dags/team_{team:02}.py").write_text(stub)
    (root / "configs/defaults.yml").write_text("catchup: false\ndefault_args: {owner: fleet, retries: 2}\n")
    for number in range(dags):
        (root / f"configs/team_{number % teams:02}/dag_{number:05}.yaml").write_text(_config(number))
    (root / "by_hand.py").write_text(_BY_HAND.format(dags=dags, tasks=TASKS))
    return root / "configs/team_00/dag_00000.yaml"


def _config(number: int) -> str:
    tasks = "".join(
        f"    step_{task}:\n      operator: {BASH}\n      bash_command: echo {task}\n"
        + (f"      dependencies: [step_{task - 1}]\n" if task else "")
        for task in range(TASKS)
    )
    return f'dag_{number:05}:\n  schedule: "@daily"\n  start_date: 2024-01-01\n  tags: [fleet]\n  tasks:\n{tasks}'


_BY_HAND = """\
from datetime import datetime

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

for number in range({dags}):
    dag = DAG(
        f"dag_{{number:05}}",
        schedule="@daily",
        start_date=datetime(2024, 1, 1),
        catchup=False,
        tags=["fleet"],
        default_args={{"owner": "fleet", "retries": 2}},
    )
    before = None
    for task in range({tasks}):
        step = BashOperator(task_id=f"step_{{task}}", bash_command=f"echo {{task}}", dag=dag)
        if before is not None:
            before >> step
        before = step
    globals()[dag.dag_id] = dag
"""
