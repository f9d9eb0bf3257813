"""Whatever a typed task holds: checking it never fails, and what passes compiles."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mergeflow.checker import check
from mergeflow.compiler import compile_project
from mergeflow.document import Document
from mergeflow.project import Project
from mergeflow.rules import Known
from mergeflow.tasks.table import ENTRIES
from tests.model.test_sieve import VALUES

PATH = "configs/team/a.yaml"
COMMON = ("retries", "dependencies", "task_group_name", "trigger_rule", "operator", "expand", "task_id", "params")
ODD = st.sampled_from(["", " ", "a", "{{ ds }}", "team/a.sh", "a.b", "06:30", "GET", "/a", {"__type__": "a.b"}, [200]])


@st.composite
def tasks(draw: st.DrawFn) -> dict[Any, Any]:
    name = draw(st.sampled_from(sorted(ENTRIES)) | VALUES)
    own = sorted(ENTRIES[name].shape.keys) if isinstance(name, str) and name in ENTRIES else ["path"]
    keys = st.sampled_from(own) | st.sampled_from(COMMON) | st.text(max_size=3)
    return {"type": name, **draw(st.dictionaries(keys, ODD | VALUES, max_size=5))}


@given(written=st.lists(tasks(), min_size=1, max_size=3), listed=st.booleans())
@settings(max_examples=400, deadline=None)
def test_a_check_never_fails_and_what_passes_compiles(written: list[dict[Any, Any]], listed: bool) -> None:  # noqa: FBT001
    named = {f"t{i}": task for i, task in enumerate(written)}
    body: Any = [{**task, "task_id": name} for name, task in named.items()] if listed else named
    document = Document(PATH, "", {"orders": {"schedule": None, "tasks": body}})
    project = Project({PATH: document}, paths=(PATH,))
    report = check(project, Known(), building=True)
    for compiled in compile_project(project, report.broken):
        assert all("type" not in task or "operator" in task for task in _tasks(compiled.config["tasks"]))


def _tasks(listed: Any) -> list[dict[str, Any]]:
    return list(listed.values()) if isinstance(listed, dict) else listed
