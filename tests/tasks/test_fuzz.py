"""Whatever a typed task holds: checking it never fails, and what passes compiles."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mergeflow.checker import check
from mergeflow.compiler import CompiledDag, compile_project
from mergeflow.document import Document
from mergeflow.project import Project
from mergeflow.rules import Known
from mergeflow.tasks.table import ENTRIES
from tests.model.test_sieve import VALUES

PATH = "configs/team/a.yaml"
ODD = st.sampled_from(["", " ", "a", "{{ ds }}", "team/a.sh", "a.b", "06:30", "GET", "/a", {"__type__": "a.b"}, [200]])


RIGHT: dict[str, dict[str, Any]] = {
    "expectations": {"suite": "team/a", "conn_id": "db", "table": "a", "window": {"column": "at", "days": 1}},
    "http": {"conn_id": "api", "method": "PUT", "json": {"a": 1}, "status": [200]},
    "kpi": {"kpi": 1, "simulator": 2, "conn_id": "kpi_site"},
    "python": {"callable": "a.b", "arguments": {"a": 1}},
    "script": {"path": "team/a.sh", "arguments": ["a", 1], "env": {"A": "b"}},
    "sql": {"conn_id": "db", "sql": "SELECT 1", "parameters": [1]},
    "trigger": {"dag": "orders", "conf": {}, "wait": True},
    "wait": {"dag": "orders", "task": "t0", "earlier": 60},
}
OTHERS = ("retries", "dependencies", "task_group_name", "trigger_rule", "operator", "expand", "params", "typo", 3)


@st.composite
def tasks(draw: st.DrawFn) -> dict[Any, Any]:
    """A right task with up to three slips."""
    name = draw(st.sampled_from(sorted(RIGHT)))
    task: dict[Any, Any] = {"type": name, **RIGHT[name]}
    for _ in range(draw(st.integers(0, 3))):
        key = draw(st.sampled_from([*ENTRIES[name].shape.keys, *ENTRIES[name].shape.keys, *OTHERS, "type"]))
        if draw(st.booleans()):
            task.pop(key, None)
        else:
            task[key] = draw(ODD | VALUES)
    return task


def compiled(tasks: Any) -> list[CompiledDag]:
    document = Document(PATH, "", {"orders": {"schedule": None, "tasks": tasks}})
    project = Project({PATH: document}, paths=(PATH,))
    return compile_project(project, check(project, Known(), building=True).broken)


def test_the_right_ones_pass() -> None:
    assert RIGHT.keys() == ENTRIES.keys()
    for name, task in RIGHT.items():
        assert compiled({"t0": {"type": name, **task}}), name


@given(written=st.lists(tasks(), min_size=1, max_size=3), listed=st.booleans())
@settings(max_examples=200, deadline=None)
def test_a_check_never_fails_and_what_passes_compiles(written: list[dict[Any, Any]], listed: bool) -> None:  # noqa: FBT001
    named = {f"t{i}": task for i, task in enumerate(written)}
    body: Any = [{**task, "task_id": name} for name, task in named.items()] if listed else named
    for dag in compiled(body):
        for task in dag.config["tasks"].values() if isinstance(body, dict) else dag.config["tasks"]:
            assert "type" not in task or "operator" in task
