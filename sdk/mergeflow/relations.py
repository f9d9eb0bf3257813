"""What the DAGs of a repository have to do with each other: which one triggers or waits for which.

Only what a config says in plain text is a relation; a template such as `{{ params.dag }}` is decided when a task runs.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from mergeflow.assets import awaited, produced
from mergeflow.dag import Dag, Node
from mergeflow.diagnostic import Route

NAMES_A_DAG = {
    "TriggerDagRunOperator": ("trigger_dag_id", "triggers"),
    "ExternalTaskSensor": ("external_dag_id", "waits for"),
    "ExternalTaskMarker": ("external_dag_id", "clears"),
}
"""Operators that name a DAG: the parameter that does, and what becomes of the DAG."""
NAMES_A_PART = {"external_task_id": "task", "external_task_ids": "task", "external_task_group_id": "task group"}
"""Parameters that name a part of that DAG, and what it is."""
TYPES = {"trigger": ("dag", "triggers"), "wait": ("dag", "waits for")}
"""Task types that name a DAG, in the same way."""
PARTS_OF_WAIT = {"task": "task", "task_group": "task group"}

LONGEST_ID = 250
"""Airflow refuses an id of more characters, so it does not matter what would stand before them."""


class Reference(NamedTuple):
    """A task's mention of a DAG, or of a task or task group of it; `route` leads there from the task's own DAG."""

    dag: Dag
    task: Node
    route: Route
    verb: str
    dag_id: str
    kind: str = "DAG"
    name: str = ""


def references(dag: Dag) -> Iterator[Reference]:
    """The DAGs that the tasks of a DAG name, each followed by the tasks and groups that are named with it."""
    for task in dag.tasks.values():
        operator = task.config.get("operator")
        if isinstance(operator, str) and operator.rpartition(".")[2] in NAMES_A_DAG:
            key, verb = NAMES_A_DAG[operator.rpartition(".")[2]]
            yield from _of(dag, task, key, verb, NAMES_A_PART if key == "external_dag_id" else {})
        elif operator is None and task.config.get("type") in ("trigger", "wait"):
            yield from _of(dag, task, *TYPES[task.config["type"]], PARTS_OF_WAIT)


def full_id(dag: Dag, node: Node) -> str:
    """A task's or group's id in Airflow: behind those of the groups around it, as far out as each lends its own."""
    segments, box, seen, left = [node.name], box_of(dag, node), set[str](), LONGEST_ID
    while (
        box is not None and box not in seen and left > 0 and dag.groups[box].config.get("prefix_group_id") is not False
    ):
        seen.add(box)
        segments.append(box)
        left -= len(box) + 1
        box = box_of(dag, dag.groups[box])
    return ".".join(reversed(segments))


def box_of(dag: Dag, node: Node) -> str | None:
    """The task group that a task or group lies in by its name, or none: in the DAG itself."""
    name = node.config.get("task_group_name" if node.route[0] == "tasks" else "parent_group_name")
    return name if isinstance(name, str) and name in dag.groups else None


def dag_ids_of(dags: Iterable[Dag]) -> set[str]:
    """Every DAG that these name."""
    return {each.dag_id for dag in dags for each in references(dag)}


def assets_of(dags: Iterable[Dag]) -> tuple[set[str], set[str]]:
    """The texts that tell the assets that these wait for, and those that they produce."""
    dags = tuple(dags)
    waits = {text for dag in dags for use in awaited(dag) for text in (use.asset.name, use.asset.uri) if text}
    makes = {text for dag in dags for use in produced(dag) for text in (use.asset.name, use.asset.uri) if text}
    return waits, makes


def _of(dag: Dag, task: Node, key: str, verb: str, parts: Mapping[str, str]) -> Iterator[Reference]:
    dag_ids = list(_texts(dag, task, key))
    yield from (Reference(dag, task, route, verb, dag_id) for route, dag_id in dag_ids)
    for part_key, kind in parts.items():
        for route, name in _texts(dag, task, part_key):
            yield from (Reference(dag, task, route, verb, dag_id, kind, name) for _, dag_id in dag_ids)


def _texts(dag: Dag, task: Node, key: str) -> Iterator[tuple[Route, str]]:
    """The plain texts that an operator gets for a parameter, with their routes; several where a task is mapped."""
    found = given(dag, task, key)
    if found is None or (found[0][:-1] == (*task.route, "expand") and not isinstance(found[1], list)):
        return  # what it is mapped over may also be what another task returns
    route, value = found
    for where, text in [((*route, i), each) for i, each in enumerate(value)] if isinstance(value, list) else [found]:
        if isinstance(text, str) and text and "{{" not in text and "{%" not in text:
            yield where, text


def given(dag: Dag, task: Node, key: str) -> tuple[Route, object] | None:
    """The value of a parameter where it counts, with its route: the task's own, what it is mapped over, a default."""
    if key in task.config:
        return (*task.route, key), task.config[key]
    box = box_of(dag, task)
    group = dag.groups[box] if box else None
    holders: list[tuple[Route, object]] = [
        *(((*task.route, part), task.config.get(part)) for part in ("partial", "expand")),
        *([((*group.route, "default_args"), group.config.get("default_args"))] if group else []),
        (("default_args",), dag.config.get("default_args")),
    ]
    return next(
        (((*route, key), holder[key]) for route, holder in holders if isinstance(holder, dict) and key in holder), None
    )
