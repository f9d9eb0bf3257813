"""A dependency names a task or task group that the DAG does not have.

*Why*: dag-factory fails on it with a `KeyError` that names neither the file nor the task.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
        load: {operator: airflow.providers.standard.operators.empty.EmptyOperator, dependencies: [extrakt]}

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
        load: {operator: airflow.providers.standard.operators.empty.EmptyOperator, dependencies: [extract]}
"""

from collections.abc import Iterable, Iterator
from itertools import chain

from mergeflow.diagnostic import Problem, Severity
from mergeflow.model import near
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "unknown-dependency"
SEVERITY = Severity.ERROR


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem for each dependency, of a task or of a group, that leads nowhere."""
    del known
    for dag in project.dags:
        names = {**dag.tasks, **dag.groups}
        for kind, node in chain((("task", t) for t in dag.tasks.values()), (("group", g) for g in dag.groups.values())):
            for route, name in node.dependencies:
                if name not in names:
                    message = f"{kind} `{node.name}` depends on `{name}`, which this DAG does not have"
                    hint = near(name, names) or f"this DAG has {_listed(names)}"
                    yield Problem(ID, message, dag.place(*route), hint)


def _listed(names: Iterable[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return ", ".join(quoted[:5]) + (f" and {len(quoted) - 5} more" if len(quoted) > 5 else "")
