"""A task or a task group is put into a group that the DAG does not have.

*Why*: dag-factory either fails with a `KeyError` or leaves the task outside any group, without a word.

*Bad*:

    orders:
      schedule: "@daily"
      task_groups:
        etl: {tooltip: extract and load}
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator, task_group_name: elt}

*Good*:

    orders:
      schedule: "@daily"
      task_groups:
        etl: {tooltip: extract and load}
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator, task_group_name: etl}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Severity
from mergeflow.model import near
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "unknown-task-group"
SEVERITY = Severity.ERROR


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem for each `task_group_name` and `parent_group_name` that leads nowhere."""
    del known
    for dag in project.dags:
        named = [(task, "task_group_name") for task in dag.tasks.values()]
        named += [(group, "parent_group_name") for group in dag.groups.values()]
        groups = dag.names("task_groups")
        if not isinstance(dag.config.get("task_groups"), dict | list | None):
            continue  # that is the problem, and the model's to report
        for node, key in named:
            group = node.config.get(key)
            if isinstance(group, str) and group and group not in groups:
                message = f"`{node.name}` is put into task group `{group}`, which this DAG does not have"
                hint = near(group, groups, but=node.name) or "add it under `task_groups`"
                yield Problem(ID, message, dag.place(*node.route, key), hint)
