"""Which tasks come right before which: a dependency of a task group, or on one, is a dependency of its tasks."""

from collections.abc import Mapping, Sequence

from mergeflow.dag import Dag, Node
from mergeflow.relations import box_of

MOST_GROUPS = 200
"""A DAG with more is not looked at: its groups may lie in each other as deep as that."""

Upstream = Mapping[str, set[str]]
"""The names of the tasks right before each task."""


def upstream_of(dag: Dag) -> Upstream:
    """The tasks right before each task; nothing for a DAG whose groups are too many."""
    if len(dag.groups) > MOST_GROUPS:
        return {}
    boxes = {name: _boxes(dag, node) for name, node in (*dag.groups.items(), *dag.tasks.items())}
    upstream: dict[str, set[str]] = {name: set() for name in dag.tasks}
    for name, task in dag.tasks.items():
        for _, before in task.dependencies:
            upstream[name] |= last_of(dag, before, boxes)
    for name, group in dag.groups.items():
        if group.dependencies:
            after = first_of(dag, name, boxes)
            for _, before in group.dependencies:
                for task_name in after:
                    upstream[task_name] |= last_of(dag, before, boxes)
    return upstream


def first_of(dag: Dag, name: str, boxes: Mapping[str, Sequence[str]] | None = None) -> set[str]:
    """The tasks that a dependency of this task or group holds back: in a group those that wait for none of it."""
    return _edge(dag, name, boxes, waiting=True)


def last_of(dag: Dag, name: str, boxes: Mapping[str, Sequence[str]] | None = None) -> set[str]:
    """The tasks that a dependency on this task or group waits for: in a group those that none of it waits for."""
    return _edge(dag, name, boxes, waiting=False)


def _edge(dag: Dag, name: str, boxes: Mapping[str, Sequence[str]] | None, *, waiting: bool) -> set[str]:
    if name not in dag.groups:
        return {name} & dag.tasks.keys()
    boxes = boxes or {each: _boxes(dag, node) for each, node in (*dag.groups.items(), *dag.tasks.items())}
    nodes = {each: node for each, node in (*dag.groups.items(), *dag.tasks.items()) if name in boxes[each]}
    pairs = [(each, before) for each, node in nodes.items() for _, before in node.dependencies if before in nodes]
    inner = {pair[0 if waiting else 1] for pair in pairs}
    return {each for each in nodes if each in dag.tasks and inner.isdisjoint((each, *boxes[each]))}


def _boxes(dag: Dag, node: Node) -> list[str]:
    """The groups around a task or group, the nearest first."""
    found: list[str] = []
    box = box_of(dag, node)
    while box is not None and box not in found:
        found.append(box)
        box = box_of(dag, dag.groups[box])
    return found
