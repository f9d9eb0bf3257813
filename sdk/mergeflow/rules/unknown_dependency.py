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

from collections.abc import Iterator, Sequence
from itertools import chain

from mergeflow.dag import NODE_LISTS
from mergeflow.diagnostic import Problem, Severity
from mergeflow.model import near
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "unknown-dependency"
SEVERITY = Severity.ERROR

_NO_OTHER = "remove it: this DAG has no other task"


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem for each dependency, of a task or of a group, that leads nowhere."""
    del known
    for dag in project.dags:
        if not all(isinstance(dag.config.get(key), dict | list | None) for key, _ in NODE_LISTS):
            continue  # that is the problem, and the model's to report
        names = sorted(known_names := dag.names("tasks") | dag.names("task_groups"))
        for kind, node in chain((("task", t) for t in dag.tasks.values()), (("group", g) for g in dag.groups.values())):
            for route, name in node.dependencies:
                if name not in known_names:
                    message = f"{kind} `{node.name}` depends on `{name}`, which this DAG does not have"
                    last = name.rpartition(".")[2]
                    without = f"write `{last}`, without its group" if last != name and last in names else ""
                    hint = without or near(name, names, but=node.name) or _listed(names, but=node.name)
                    yield Problem(ID, message, dag.place(*route), hint)


def _listed(names: Sequence[str], but: str) -> str:
    others = [f"`{name}`" for name in names[:6] if name != but][:5]
    left = len(names) - len(others) - 1
    return f"this DAG has {', '.join(others)}{f' and {left} more' if left else ''}" if others else _NO_OTHER
