"""A DAG's tasks as a graph: each `graphs/<name>.yaml` against what is drawn, and whatever else a file may hold."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mergeflow.dag import Dag
from mergeflow.files import from_directory
from mergeflow.project import load
from mergeflow.render.show_graph import MOST_TASKS, as_mermaid, render
from mergeflow.render.task_graph import tasks_of
from mergeflow.render.text import width_of
from tests.conftest import ROOT

GRAPHS = sorted((Path(__file__).parent / "graphs").glob("*.yaml"))
NAMES = st.sampled_from(["a", "b", "g", "h", "注文", "\x1b[2J\u202e", "x" * 60, ""])
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers(0, 3) | NAMES,
    lambda each: st.lists(each, max_size=3) | st.dictionaries(NAMES, each),
    max_leaves=5,
)


def node(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A task or a group, more or less."""
    return st.fixed_dictionaries({}, optional=keys) | ANYTHING


def nodes(name_key: str, entry: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Tasks or groups in either form, more or less."""
    listed = st.lists(st.tuples(NAMES, entry), max_size=8)
    as_list = listed.map(lambda each: [{name_key: name} | (own if isinstance(own, dict) else {}) for name, own in each])
    return st.dictionaries(NAMES, entry, max_size=8) | as_list | ANYTHING


WAITS = st.lists(NAMES, max_size=4) | ANYTHING
CONFIGS = st.fixed_dictionaries(
    {
        "tasks": nodes(
            "task_id",
            node(
                dependencies=WAITS,
                task_group_name=NAMES,
                operator=NAMES,
                decorator=NAMES,
                expand=ANYTHING,
                z=st.just("+a"),
            ),
        )
    },
    optional={"task_groups": nodes("group_name", node(dependencies=WAITS, parent_group_name=NAMES))},
)


def dag_of(text: str) -> Dag:
    return load({"configs/team/a.yaml": text.encode()}).dags[0]


@pytest.mark.parametrize("graph", GRAPHS, ids=lambda graph: str(graph.stem))
def test_what_is_drawn(graph: Path, golden: Callable[[Path, str], None]) -> None:
    golden(graph.with_suffix(".out"), render(dag_of(graph.read_text()), 100) + "\n")


@pytest.mark.parametrize("graph", GRAPHS, ids=lambda graph: str(graph.stem))
def test_what_mermaid_draws(graph: Path, golden: Callable[[Path, str], None]) -> None:
    golden(graph.with_suffix(".mmd"), as_mermaid(dag_of(graph.read_text())) + "\n")


@given(CONFIGS, st.integers(1, 200))
def test_whatever_a_dag_holds_it_is_drawn(config: dict[str, Any], width: int) -> None:
    (dag,) = load({"configs/team/a.yaml": yaml.safe_dump({"one": config}).encode()}).dags or [None]
    if dag is None:
        return
    drawing = render(dag, width)
    assert len(drawing.splitlines()) > len(dag.tasks)
    for line in drawing.split("\n"):
        assert line.isprintable()
        assert width_of(line) <= width
    assert as_mermaid(dag).count('["') >= len(dag.tasks)


def test_every_dag_of_the_corpus_is_drawn() -> None:
    dags = load(from_directory(ROOT / "tests/corpus")).dags
    assert len(dags) > 50
    for dag in dags:
        assert all(each in dag.tasks for task in tasks_of(dag).values() for each in task.waits), dag.dag_id
        assert len(render(dag, 80).splitlines()) > len(dag.tasks)


def test_color_changes_nothing_but_color() -> None:
    dag = dag_of(GRAPHS[0].read_text())
    painted = render(dag, 100, color=True)
    assert "\x1b[1m" in painted
    for code in (0, 1, 34):
        painted = painted.replace(f"\x1b[{code}m", "")
    assert painted == render(dag, 100)


def test_of_very_many_tasks_the_rest_are_counted() -> None:
    many = MOST_TASKS + 5
    tasks = "".join(f"    t{i}: {{dependencies: [t{i - 1}]}}\n" for i in range(many))
    drawing = render(dag_of(f"many:\n  tasks:\n{tasks}"), 80).splitlines()
    assert drawing[0] == f"many    {many} tasks"
    assert (len(drawing), drawing[-1]) == (MOST_TASKS + 2, "… and 5 more tasks")


def test_groups_in_each_other_as_deep_as_a_file_can_hold_are_drawn() -> None:
    groups = "".join(f"    g{i}: {{parent_group_name: g{i - 1}}}\n" for i in range(3000))
    dag = dag_of(f"deep:\n  task_groups:\n{groups}  tasks:\n    a: {{task_group_name: g2999}}\n")
    assert render(dag, 80).splitlines()[-1].startswith("●  ╰ ╰ ")
    assert as_mermaid(dag) == 'flowchart LR\n  t0["a"]'


def test_a_dag_without_tasks_is_drawn_as_such() -> None:
    dag = dag_of("none: {schedule: '@daily', tasks: {}}")
    assert (render(dag, 80), as_mermaid(dag)) == ("none    no tasks", "flowchart LR")


def test_the_docs_show_what_is_drawn() -> None:
    assert f"```\n{GRAPHS[0].with_name('groups.out').read_text()}```\n" in (ROOT / "docs/show.md").read_text()
