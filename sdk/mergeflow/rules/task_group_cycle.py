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

from mergeflow.dag import Dag
from mergeflow.diagnostic import Problem, Severity
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "task-group-cycle"
SEVERITY = Severity.ERROR


def check(project: Project, known: Known) -> Iterator[Problem]:
    """One problem per ring of groups, at the first of them in the file."""
    del known
    for dag in project.dags:
        for ring in _rings(dag) if dag.groups else ():
            path = " → ".join(f"`{each}`" for each in (*ring, ring[0]))
            message = f"task group `{ring[0]}` lies within itself: {path}"
            place = dag.place(*dag.groups[ring[0]].route, "parent_group_name")
            yield Problem(ID, message, place, "remove one of these parents")


def _rings(dag: Dag) -> Iterator[list[str]]:
    """Each ring of groups and their parents, from the first of them in the file; every group is visited once."""
    parents = {name: group.config.get("parent_group_name") for name, group in dag.groups.items()}
    order = {name: number for number, name in enumerate(parents)}
    settled: set[str] = set()
    for name in parents:
        walk: dict[str, int] = {}
        at: object = name
        while isinstance(at, str) and at in parents and at not in settled and at not in walk:
            walk[at] = len(walk)
            at = parents[at]
        settled.update(walk)
        if isinstance(at, str) and at in walk:
            ring = list(walk)[walk[at] :]
            first = ring.index(min(ring, key=order.__getitem__))
            yield ring[first:] + ring[:first]
