"""A merge while a run is under way: the run ends as it began, and the next one is the new one."""

from pathlib import Path

from mergeflow.airflow.client import Run
from tests.faults.fleet import DAGS, Fleet
from tests.live import BASH, PATIENCE, PYTHON, eventually, until_live

PATH = "configs/shop/long.yaml"
LONG = """\
long:
  schedule: null
  tasks:
    first:
      operator: {bash}
      bash_command: touch {begun}; for i in $(seq 1500); do test -e {go} && exit 0; sleep 0.2; done; exit 1
    {second}: {{operator: {bash}, bash_command: echo second, dependencies: [first]}}
    third: {{operator: {bash}, bash_command: echo {text}, dependencies: [{second}]}}
    fourth: {{operator: {python}, python_callable: callables.shop.code.say, dependencies: [third]}}
"""
CODE = "dags/callables/shop/code.py"
SAY = """\
def say() -> None:
    print("code is {text}")
"""


def test_a_run_finishes_on_its_own_commit(fleet: Fleet, tmp_path: Path) -> None:
    client = fleet.airflow.client
    run, commit = begin(fleet, tmp_path)
    changed = fleet.origin.push(long(tmp_path, second="renamed", text="new"))
    until_live(fleet.airflow, ["long"], changed)

    (tmp_path / "go").touch()
    run = fleet.airflow.wait_for_run(run, timeout=PATIENCE)
    assert (run.state, run.commit) == ("success", commit)
    assert [task.task_id for task in client.tasks("long", run.run_id)] == ["first", "fourth", "second", "third"]
    assert "old" in client.logs("long", run.run_id, "third")
    assert "code is old" in client.logs("long", run.run_id, "fourth")

    after = fleet.run("long")
    assert after.commit == changed
    assert [task.task_id for task in client.tasks("long", after.run_id)] == ["first", "fourth", "renamed", "third"]
    assert "new" in client.logs("long", after.run_id, "third")
    assert "code is new" in client.logs("long", after.run_id, "fourth")


def test_a_run_of_a_removed_dag_waits_for_its_return(fleet: Fleet, tmp_path: Path) -> None:
    """Airflow schedules no further task of a stale DAG; what runs already may finish."""
    client = fleet.airflow.client
    run, commit = begin(fleet, tmp_path)
    fleet.origin.push({PATH: None})
    fleet.until_live(DAGS)
    (tmp_path / "go").touch()
    eventually(fleet.airflow, lambda: states(fleet, run)["first"] == "success", "the running task ends")
    fleet.run("orders")  # several turns of the scheduler
    assert states(fleet, run) == {"first": "success", "second": None, "third": None, "fourth": None}
    assert client.run("long", run.run_id).state == "running"

    fleet.origin.push(long(tmp_path, text="back"))
    run = fleet.airflow.wait_for_run(run, timeout=PATIENCE)
    assert (run.state, run.commit) == ("success", commit)
    assert "old" in client.logs("long", run.run_id, "third")


def begin(fleet: Fleet, folder: Path) -> tuple[Run, str]:
    """A run whose first task is under way, and its commit."""
    commit = fleet.origin.push(long(folder))
    until_live(fleet.airflow, ["long"], commit)
    run = fleet.airflow.client.trigger("long", unpause=True)
    eventually(fleet.airflow, (folder / "begun").exists, "the first task runs")
    return run, commit


def long(folder: Path, second: str = "second", text: str = "old") -> dict[str, str]:
    """The config, and the code that it calls."""
    files = {"begun": folder / "begun", "go": folder / "go"}
    config = LONG.format(bash=BASH, python=PYTHON, second=second, text=text, **files)
    return {PATH: config, CODE: SAY.format(text=text)}


def states(fleet: Fleet, run: Run) -> dict[str, str | None]:
    return {task.task_id: task.state for task in fleet.airflow.client.tasks("long", run.run_id)}
