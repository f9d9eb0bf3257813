"""The tasks of a DAG and what each waits for, as far as the config's mistakes allow: enough to draw them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from mergeflow.dag import Dag, Node
from mergeflow.relations import box_of
from mergeflow.render.text import printable
from mergeflow.rules.references import results_taken


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
    waits = {name: _waits(node) for name, node in dag.tasks.items()}
    around = boxes | {name: _boxes(dag, box_of(dag, node)) for name, node in dag.groups.items() if name not in boxes}
    inside = {group: {name for name, listed in around.items() if group in listed} for group in dag.groups}
    innermost_first = sorted(dag.groups, key=lambda group: -len(_boxes(dag, group)))
    for group in innermost_first:
        for name in [name for name in waits if name in inside[group] and inside[group].isdisjoint(waits[name])]:
            waits[name] |= _waits(dag.groups[group])
    for group in innermost_first:
        members = [name for name in waits if name in inside[group]]
        waited = {each for name in members for each in waits[name]}
        last = dict.fromkeys(name for name in members if name not in waited)
        for listed in waits.values():
            if group in listed and group not in dag.tasks:
                del listed[group]
                listed.update(last)
    return {
        name: Task(boxes[name], tuple(waits[name]), _operator(node.config), isinstance(node.config.get("expand"), dict))
        for name, node in dag.tasks.items()
    }


def _waits(node: Node) -> dict[str, None]:
    """What a task or a group names that it waits for, also by taking its result; in order, each once."""
    return dict.fromkeys([*(name for _, name in node.dependencies), *(name for *_, name in results_taken(node))])


def _boxes(dag: Dag, box: str | None) -> tuple[str, ...]:
    """A group with those around it, the outermost first; where groups lie in each other, each once."""
    found: dict[str, None] = {}
    while box is not None and box not in found:
        found[box] = None
        box = box_of(dag, dag.groups[box])
    return tuple(reversed(found))


def _operator(config: Mapping[str, Any]) -> str:
    """What does a task's work, by the last part of its import path; a decorator with its sign."""
    for key, sign in (("operator", ""), ("decorator", "@"), ("type", "")):
        if isinstance(config.get(key), str):
            return sign + printable(config[key]).rpartition(".")[2]
    return ""
