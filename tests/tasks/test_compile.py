"""What Airflow gets for a typed task: an operator's task of the same id, with all that every task may have."""

from typing import Any

import pytest

from mergeflow import tasks
from mergeflow.compiler import compile_project
from mergeflow.compiler.typed import untyped
from mergeflow.project import load
from mergeflow.tasks.task_type import Several, TaskType

SENSORS = "airflow.providers.standard.sensors"


def compiled(tasks: str) -> Any:
    text = f"orders:\n  schedule: null\n  tasks: {tasks}\n"
    (dag,) = compile_project(load({"configs/team/a.yaml": text.encode()}))
    return dag.config["tasks"]


def task(**written: Any) -> Any:
    return untyped({"tasks": {"a": written}})["tasks"]["a"]


def test_what_every_task_may_have_stays_as_it_is() -> None:
    tasks = compiled(
        "{a: {type: script, path: t/a.sh, retries: 2, execution_timeout: {__type__: datetime.timedelta, hours: 1},"
        " dependencies: [b], task_group_name: g, pool: p}, b: {operator: x.Y, type: own}}"
    )
    assert tasks["a"] == {
        "operator": "mergeflow.airflow.operators.script.ScriptOperator",
        "path": "t/a.sh",
        "arguments": [],
        "env": {},
        "retries": 2,
        "execution_timeout": {"__type__": "datetime.timedelta", "hours": 1},
        "dependencies": ["b"],
        "task_group_name": "g",
        "pool": "p",
    }
    assert tasks["b"] == {"operator": "x.Y", "type": "own"}, "beside an operator it is a parameter"


def test_tasks_may_be_a_list() -> None:
    (first, second) = compiled("[{task_id: a, type: script, path: t/a.py}, {task_id: b, operator: x.Y}]")
    assert (first["task_id"], first["path"]) == ("a", "t/a.py")
    assert second == {"task_id": "b", "operator": "x.Y"}


def test_arguments_are_texts_each_alone() -> None:
    assert task(type="script", path="a.sh", arguments=["a b", 3, "$(x)"])["arguments"] == ["a b", "3", "$(x)"]


@pytest.mark.parametrize("sql", ["SELECT 1 -- load.sql", "x.json"])
def test_a_statement_is_never_taken_for_a_file(sql: str) -> None:
    found = task(type="sql", conn_id="db", sql=sql)["sql"]
    assert found.strip() == sql
    assert not found.endswith((".sql", ".json"))


def test_a_file_with_sql_is_found_beside_the_stubs() -> None:
    assert task(type="sql", conn_id="db", file="team/a.sql")["sql"] == "scripts/team/a.sql"


def test_a_request_has_its_body_whatever_it_is() -> None:
    for body in ({"a": [1, None]}, [1], None):
        found = task(type="http", conn_id="api", method="PUT", path="/a", json=body, status=[201], timeout=5)
        assert found["operator"] == "mergeflow.airflow.operators.http.JsonHttpOperator"
        assert (found["json"], found["endpoint"], found["http_conn_id"]) == (body, "/a", "api")
        assert (found["method"], found["status"], found["timeout"]) == ("PUT", [201], 5)


@pytest.mark.parametrize(
    ("written", "sensor", "parameters"),
    [
        ({"seconds": 5}, "time_delta.WaitSensor", {"time_to_wait": {"__type__": "datetime.timedelta", "seconds": 5}}),
        (
            {"until": "06:30"},
            "time.TimeSensor",
            {"target_time": {"__type__": "datetime.time", "hour": 6, "minute": 30, "second": 0}},
        ),
        ({"file": "/a", "conn_id": "fs"}, "filesystem.FileSensor", {"filepath": "/a", "fs_conn_id": "fs"}),
        (
            {"dag": "b", "every": 30, "timeout": 7},
            "external_task.ExternalTaskSensor",
            {"external_dag_id": "b", "poke_interval": 30, "timeout": 7, "failed_states": ["failed"]},
        ),
        (
            {"dag": "b", "task": "c", "earlier": 60},
            "external_task.ExternalTaskSensor",
            {"external_task_id": "c", "execution_delta": {"__type__": "datetime.timedelta", "seconds": 60}},
        ),
        ({"dag": "b", "task_group": "g"}, "external_task.ExternalTaskSensor", {"external_task_group_id": "g"}),
    ],
)
def test_each_way_of_waiting_is_a_sensor_that_takes_no_slot(
    written: dict[str, Any], sensor: str, parameters: dict[str, Any]
) -> None:
    found = task(type="wait", **written)
    assert found["operator"] == f"{SENSORS}.{sensor}"
    assert parameters.items() <= found.items()
    assert found.get("deferrable") is True or found["mode"] == "reschedule"


def test_a_task_that_looks_often_keeps_its_slot_because_airflow_fails_what_comes_back_too_soon() -> None:
    assert task(type="wait", dag="b", every=29)["mode"] == "poke"


def test_a_trigger_tried_again_starts_its_run_anew_and_no_second_one() -> None:
    found = task(type="trigger", dag="b", conf={"a": 1}, wait=True)
    assert (found["trigger_dag_id"], found["conf"], found["wait_for_completion"]) == ("b", {"a": 1}, True)
    assert found["reset_dag_run"] is True
    assert "{{ run_id }}" in found["trigger_run_id"]
    assert "{{ task.task_id }}" in found["trigger_run_id"]


def test_a_kpi_is_calculated_for_its_simulator() -> None:
    assert task(type="kpi", kpi=1, simulator=2, conn_id="kpi_site", retries=1) == {
        "operator": "mergeflow.airflow.operators.kpi.KpiOperator",
        "kpi": 1,
        "simulator": 2,
        "http_conn_id": "kpi_site",
        "retries": 1,
    }


class Copy(TaskType):
    """Two tasks."""

    table: str

    def compile(self) -> Several:
        read = {"operator": "x.Read", "table": self.table}
        return Several({"read": read, "write": {"operator": "x.Write", "dependencies": ["read"]}})


@pytest.fixture
def _copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(tasks.TASK_TYPES, "copy", f"{__name__}:Copy")  # type: ignore[arg-type]
    monkeypatch.setattr("mergeflow.tasks.installed.load_own", lambda _: Copy)


COPY = {"type": "copy", "table": "t", "retries": 2, "dependencies": ["start"], "task_group_name": "night"}
MADE = {
    "a__read": {"operator": "x.Read", "table": "t", "retries": 2, "dependencies": [], "task_group_name": "a"},
    "a__write": {"operator": "x.Write", "retries": 2, "dependencies": ["a__read"], "task_group_name": "a"},
}
GROUP = {"prefix_group_id": False, "dependencies": ["start"], "parent_group_name": "night"}


@pytest.mark.usefixtures("_copy")
def test_several_tasks_are_a_group_with_the_tasks_id() -> None:
    end = {"operator": "x.Y", "dependencies": ["a"]}
    found = untyped({"tasks": {"a": COPY, "end": end}, "task_groups": {"night": {}}})
    assert found == {"tasks": {**MADE, "end": end}, "task_groups": {"night": {}, "a": GROUP}}


@pytest.mark.usefixtures("_copy")
def test_so_they_are_where_tasks_and_groups_are_lists() -> None:
    end = {"task_id": "end", "operator": "x.Y"}
    found = untyped({"tasks": [{"task_id": "a", **COPY}, end], "task_groups": [{"group_name": "night"}]})
    assert found["tasks"] == [*({**each, "task_id": name} for name, each in MADE.items()), end]
    assert found["task_groups"] == [{"group_name": "night"}, {"group_name": "a", **GROUP}]
    assert untyped({"tasks": [{"task_id": "a", **COPY}]})["task_groups"] == {"a": GROUP}
