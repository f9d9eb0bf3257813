"""A task group is its own parent.

*Why*: dag-factory fails on it, and none of the DAG appears.

*Bad*:

    orders:
      schedule: "@daily"
      task_groups:
        outer: {parent_group_name: inner}
        inner: {parent_group_name: outer}
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator, task_group_name: inner}

*Good*:

    orders:
      schedule: "@daily"
      task_groups:
        outer: {tooltip: everything}
        inner: {parent_group_name: outer}
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator, task_group_name: inner}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Severity
from mergeflow.project import Dag, Project
from mergeflow.rules.known import Known

ID = "task-group-cycle"
SEVERITY = Severity.ERROR


def check(project: Project, known: Known) -> Iterator[Problem]:
    """One problem per ring of groups, at the first of them in the file."""
    del known
    for dag in project.dags:
        reported: set[str] = set()
        for name, group in dag.groups.items():
            ring = _ring(dag, name)
            if ring and not reported & set(ring):
                reported |= set(ring)
                path = " → ".join(f"`{each}`" for each in (*ring, name))
                message = f"task group `{name}` lies within itself: {path}"
                yield Problem(ID, message, dag.place(*group.route, "parent_group_name"), "remove one of these parents")


def _ring(dag: Dag, name: str) -> list[str]:
    """The groups from `name` up to `name` again; empty when its parents end somewhere."""
    ring = [name]
    while True:
        parent = dag.groups[ring[-1]].config.get("parent_group_name") if ring[-1] in dag.groups else None
        if parent == name:
            return ring
        if not isinstance(parent, str) or parent in ring:
            return []
        ring.append(parent)
