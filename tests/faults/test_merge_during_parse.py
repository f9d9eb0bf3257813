"""A merge while the files of the one before are being parsed: no DAG is of one commit and its runs of another."""

from pathlib import Path

from tests.faults.fleet import Fleet
from tests.faults.slow import slow
from tests.live import BASH, eventually, until_live

PATH = "configs/shop/raced.yaml"
RACED = """\
raced:
  schedule: null
  tasks:
    {task}: {{operator: {bash}, bash_command: echo {task}}}
"""


def test_runs_are_of_the_commit_that_their_tasks_are_of(fleet: Fleet, tmp_path: Path) -> None:
    airflow, origin = fleet.airflow, fleet.origin
    begun, waits = tmp_path / "begun", tmp_path / "waits"
    origin.push({PATH: raced("first"), **slow(begun, waits)})
    until_live(airflow, ["raced", "slow"], origin.head())
    begun.unlink()
    waits.touch()
    origin.push({PATH: raced("second")})
    eventually(airflow, begun.exists, "the parse of the one merge has begun")
    merged = origin.push({PATH: raced("third")})
    log = airflow.settings.logs / "dag-processor.log"
    looks = log.read_text().count("Refreshing bundle")
    eventually(airflow, lambda: log.read_text().count("Refreshing bundle") >= looks + 2, "the other has been seen")
    waits.unlink()

    until_live(airflow, ["raced"], merged)
    run = fleet.run("raced")
    assert [task.task_id for task in airflow.client.tasks("raced", run.run_id)] == ["third"]


def raced(task: str) -> str:
    return RACED.format(bash=BASH, task=task)
