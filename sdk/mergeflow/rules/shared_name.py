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

from mergeflow.dag import Dag, Node
from mergeflow.diagnostic import Place, Problem, Related, Severity
from mergeflow.project import Project
from mergeflow.relations import box_of, full_id
from mergeflow.rules.known import Known
from mergeflow.tasks import is_typed

ID = "shared-name"
SEVERITY = Severity.ERROR


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each task whose id a group beside it, or another task, has already.

    Airflow compares a group's id with those of its neighbours only, and a task's with those of all tasks. A decorator
    gives its task another id rather than one that a task has.
    """
    del known
    for dag in project.dags:
        if not dag.groups:
            continue  # then every id is a name, and names cannot stand twice
        groups = {(box_of(dag, group), full_id(dag, group)): group for group in dag.groups.values()}
        tasks: dict[str, Node] = {}
        for task in dag.tasks.values():
            box, full = box_of(dag, task), full_id(dag, task)
            other = groups.get((box, full))
            kind = "task group"
            if other is None and ("operator" in task.config or is_typed(task.config)):
                other, kind = tasks.setdefault(full, task), "task"
            if other is not None and other is not task:
                related = Related(_name(dag, other), f"the {kind}")
                message = f"task `{task.name}` has the id of a {kind}, `{full}`"
                hint = "rename one, or put the task into another task group"
                yield Problem(ID, message, _name(dag, task), hint, related=(related,))


def _name(dag: Dag, node: Node) -> Place:
    """A node's name: its key in a mapping, its `task_id` or `group_name` in a list."""
    if isinstance(node.route[-1], str):
        return dag.place(*node.route, part="key")
    return dag.place(*node.route, "group_name" if node.route[0] == "task_groups" else "task_id")
