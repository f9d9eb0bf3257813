"""The tasks of a DAG and what each waits for, as far as the config's mistakes allow: enough to draw them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from mergeflow.dag import Dag, Node
from mergeflow.relations import box_of
from mergeflow.render.text import printable
from mergeflow.rules.references import results_taken

DEEPEST = 20
"""So many groups are seen around a task."""


class Task(NamedTuple):
    """A task as it is drawn: the groups around it, the outermost first, what it waits for, and what does its work."""

    boxes: tuple[str, ...]
    waits: tuple[str, ...]
    operator: str
    mapped: bool

    @property
    def mark(self) -> str:
        """What stands behind the name of a task that runs once for each of many values, as in Airflow."""
        return " [ ]" if self.mapped else ""


def tasks_of(dag: Dag) -> dict[str, Task]:
    """The tasks by name; what waits for a group waits for its last tasks, and a group's first ones for what it does."""
    boxes = {name: _boxes(dag, box_of(dag, node)) for name, node in dag.tasks.items()}
    # By one name dag-factory finds the group, never the task: what that depends on, it forgets.
    waits = {name: {} if name in dag.groups else _waits(node) for name, node in dag.tasks.items()}
    inside = _inside(dag, boxes)
    for group, names in inside.items():
        for name in [name for name in names if name in waits and names.keys().isdisjoint(waits[name])]:
            waits[name] |= _waits(dag.groups[group])
    _end(inside, waits)
    return {
        name: Task(boxes[name], tuple(waits[name]), _operator(node.config), isinstance(node.config.get("expand"), dict))
        for name, node in dag.tasks.items()
    }


def _inside(dag: Dag, boxes: Mapping[str, tuple[str, ...]]) -> dict[str, dict[str, None]]:
    """The tasks and groups in each group, however deep; the innermost group first, which may begin or end others."""
    around = {name: _boxes(dag, box_of(dag, node)) for name, node in dag.groups.items()}
    inside: dict[str, dict[str, None]] = {group: {} for group in sorted(around, key=lambda each: -len(around[each]))}
    for name, listed in (*boxes.items(), *((name, listed) for name, listed in around.items() if name not in boxes)):
        for group in listed:
            inside[group][name] = None
    return inside


def _end(inside: Mapping[str, Mapping[str, None]], waits: Mapping[str, dict[str, None]]) -> None:
    """Put the last tasks of a group into the place of its name."""
    named = {each for listed in waits.values() for each in listed}
    for group in [group for group in inside if group in named]:
        members = [name for name in inside[group] if name in waits]
        waited = {each for name in members for each in waits[name]}
        last = dict.fromkeys(name for name in members if name not in waited)
        for listed in waits.values():
            if group in listed:
                del listed[group]
                listed.update(last)


def _waits(node: Node) -> dict[str, None]:
    """What a task or a group names that it waits for, also by taking its result; in order, each once."""
    return dict.fromkeys([*(name for _, name in node.dependencies), *(name for *_, name in results_taken(node))])


def _boxes(dag: Dag, box: str | None) -> tuple[str, ...]:
    """A group with those around it, the outermost first; where groups lie in each other, each once."""
    found: dict[str, None] = {}
    while box is not None and box not in found and len(found) < DEEPEST:
        found[box] = None
        box = box_of(dag, dag.groups[box])
    return tuple(reversed(found))


def _operator(config: Mapping[str, Any]) -> str:
    """What does a task's work, by the last part of its import path; a decorator with its sign."""
    for key, sign in (("operator", ""), ("decorator", "@"), ("type", "")):
        if isinstance(config.get(key), str):
            return sign + printable(config[key]).rpartition(".")[2]
    return ""
