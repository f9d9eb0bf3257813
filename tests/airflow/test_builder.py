"""What dag-factory's own builder stumbles over is built, and is what the config says."""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mergeflow.airflow.dagfactory import BuildError, build
from mergeflow.compiler import CompiledDag

EMPTY = "airflow.providers.standard.operators.empty.EmptyOperator"
PYTHON = "airflow.providers.standard.operators.python.PythonOperator"
SENSOR = "airflow.providers.standard.sensors.external_task.ExternalTaskSensor"
DECORATED = {"decorator": "airflow.sdk.task", "python_callable": "tempfile.gettempdir"}


def built(tasks: Mapping[str, Any], **groups: Mapping[str, Any]) -> Any:
    return build(CompiledDag("d", "configs/team/d.yaml", {"tasks": tasks, "task_groups": groups}, "d: …\n"))


def upstream(dag: Any) -> dict[str, set[str]]:
    return {task.task_id: task.upstream_task_ids for task in dag.tasks}


def test_an_unknown_dependency_is_still_an_error() -> None:
    with pytest.raises(BuildError, match="nobody"):
        built({"a": {"operator": EMPTY, "dependencies": ["nobody"]}})


@pytest.mark.filterwarnings("ignore::Warning")  # Airflow says that the task was never mapped
def test_a_result_of_nobody_is_still_an_error() -> None:
    with pytest.raises(BuildError, match="unexpected type 'str'"):
        built(
            {
                "a": {
                    "operator": PYTHON,
                    "python_callable": "tempfile.gettempdir",
                    "expand": {"op_args": "nobody.output"},
                }
            }
        )


def test_a_decorated_task_of_a_group_has_dependencies_on_both_sides() -> None:
    tasks = {
        "a": {"operator": EMPTY},
        "b": {**DECORATED, "task_group_name": "g", "dependencies": ["a"]},
        "c": {"operator": EMPTY, "dependencies": ["b"]},
    }
    assert upstream(built(tasks, g={})) == {"a": set(), "g.b": {"a"}, "c": {"g.b"}}


def test_a_task_of_a_group_without_a_prefix_has_dependencies_on_both_sides() -> None:
    tasks = {
        "a": {"operator": EMPTY},
        "b": {"operator": EMPTY, "task_group_name": "g", "dependencies": ["a"]},
        "c": {"operator": EMPTY, "dependencies": ["b"]},
    }
    assert upstream(built(tasks, g={"prefix_group_id": False})) == {"a": set(), "b": {"a"}, "c": {"b"}}


@pytest.mark.parametrize("spelling", ["source.output", "XcomArg(source)"])
@pytest.mark.parametrize("kind", [{"operator": PYTHON, "python_callable": "tempfile.gettempdir"}, DECORATED])
def test_tasks_are_mapped_over_a_task_of_a_group(kind: dict[str, str], spelling: str) -> None:
    mapped = {"operator": PYTHON, "python_callable": "tempfile.gettempdir", "expand": {"op_args": spelling}}
    tasks = {"source": {**kind, "task_group_name": "g"}, "m": {**mapped, "dependencies": ["source"]}}
    assert upstream(built(tasks, g={}))["m"] == {"g.source"}


@pytest.mark.parametrize("reference", ["+first", "+first['key']", '+first["key"]'])
def test_a_reference_decides_on_the_order_where_no_dependency_does(reference: str) -> None:
    tasks = {
        "last": {**DECORATED, "python_callable": "textwrap.dedent", "text": reference},
        "first": {**DECORATED, "dependencies": ["start"]},
        "start": {"operator": EMPTY},
    }
    assert upstream(built(tasks)) == {"start": set(), "first": {"start"}, "last": {"first"}}


def test_references_in_a_circle_are_an_error() -> None:
    one = {**DECORATED, "python_callable": "textwrap.dedent", "text": "+two"}
    with pytest.raises(BuildError, match="Cycle"):
        built({"one": one, "two": {**one, "text": "+one"}})


@pytest.mark.parametrize("delta", [{"hours": 1, "minutes": 30}, {"days": 2}, {"seconds": 0}])
def test_an_execution_delta_may_be_a_timedelta(delta: dict[str, int]) -> None:
    given = {"__type__": "datetime.timedelta", **delta}
    dag = built({"w": {"operator": SENSOR, "external_dag_id": "other", "execution_delta": given}})
    assert dag.get_task("w").execution_delta == timedelta(**delta)


def test_a_file_of_callables_is_run_once_for_all_tasks_and_again_when_it_has_changed(tmp_path: Path) -> None:
    file, runs = tmp_path / "work.py", tmp_path / "runs"
    file.write_text(f"with open({str(runs)!r}, 'a') as runs:\n    runs.write('.')\n\ndef work():\n    return 1\n")
    task = {"operator": PYTHON, "python_callable_name": "work", "python_callable_file": str(file)}
    for _ in range(2):
        built({"a": task, "b": task})
    assert runs.read_text() == "."
    file.write_text(file.read_text().replace("return 1", "return 2"))
    os.utime(file, (0, 0))  # Python's own cache of bytecode goes by seconds and size
    assert built({"a": task}).get_task("a").python_callable() == 2


@pytest.mark.parametrize(("file", "said"), [("work.py", "must be absolute path"), ("/nowhere/work.py", "No such file")])
def test_a_file_of_callables_that_is_not_there_is_an_error(file: str, said: str) -> None:
    with pytest.raises(BuildError, match=said):
        built({"a": {"operator": PYTHON, "python_callable_name": "work", "python_callable_file": file}})
