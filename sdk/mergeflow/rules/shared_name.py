"""A task and a task group, or two tasks, end up with one id.

*Why*: in one DAG or task group an id stands for one thing: Airflow refuses the second, and none of the DAG appears.

*Bad*:

    orders:
      schedule: "@daily"
      task_groups:
        extract: {tooltip: from all shops}
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    orders:
      schedule: "@daily"
      task_groups:
        extract: {tooltip: from all shops}
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator, task_group_name: extract}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Place, Problem, Related, Severity
from mergeflow.project import Dag, Node, Project
from mergeflow.rules.known import Known

ID = "shared-name"
SEVERITY = Severity.ERROR

Box = str | None
"""The task group that something lies in by its name, or none: in the DAG itself."""


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each task whose id a group beside it, or another task, has already.

    Airflow compares a group's id with those of its neighbours only, and a task's with those of all tasks. A decorator
    gives its task another id rather than one that a task has.
    """
    del known
    for dag in project.dags:
        if not dag.groups:
            continue  # then every id is a name, and names cannot stand twice
        groups = {
            (_box(dag, group, "parent_group_name"), _id(dag, group, "parent_group_name")): group
            for group in dag.groups.values()
        }
        tasks: dict[str, Node] = {}
        for task in dag.tasks.values():
            box, full = _box(dag, task, "task_group_name"), _id(dag, task, "task_group_name")
            other = groups.get((box, full))
            kind = "task group"
            if other is None and "operator" in task.config:
                other, kind = tasks.setdefault(full, task), "task"
            if other is not None and other is not task:
                related = Related(_name(dag, other), f"the {kind}")
                message = f"task `{task.name}` has the id of a {kind}, `{full}`"
                hint = "rename one, or put the task into another task group"
                yield Problem(ID, message, _name(dag, task), hint, related=(related,))


def _box(dag: Dag, node: Node, key: str) -> Box:
    name = node.config.get(key)
    return name if isinstance(name, str) and name in dag.groups else None


def _id(dag: Dag, node: Node, key: str) -> str:
    """The id with those of the groups around it, as far out as each lends its own."""
    segments, box, seen = [node.name], _box(dag, node, key), set[str]()
    while box is not None and box not in seen and dag.groups[box].config.get("prefix_group_id") is not False:
        seen.add(box)
        segments.append(box)
        box = _box(dag, dag.groups[box], "parent_group_name")
    return ".".join(reversed(segments))


def _name(dag: Dag, node: Node) -> Place:
    """A node's name: its key in a mapping, its `task_id` or `group_name` in a list."""
    if isinstance(node.route[-1], str):
        return dag.place(*node.route, part="key")
    return dag.place(*node.route, "group_name" if node.route[0] == "task_groups" else "task_id")
