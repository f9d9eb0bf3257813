"""A dag_id, task_id or group name has a character that Airflow refuses.

*Why*: Airflow takes letters, digits, dashes, dots and underscores (no dots in group names), 250 of them at most.

*Bad*:

    orders per day:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    orders_per_day:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

import re
from collections.abc import Iterator

from mergeflow.diagnostic import Place, Problem, Severity
from mergeflow.project import NODE_LISTS, Dag, Project
from mergeflow.rules.known import Known

ID = "invalid-id"
SEVERITY = Severity.ERROR

_ID = re.compile(r"[\w.-]+")
_GROUP = re.compile(r"[\w-]+")
_FORBIDDEN = re.compile(r"[^\w.-]+")


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each name that Airflow would refuse."""
    del known
    for dag in project.dags:
        for kind, name, place in _names(dag):
            pattern, longest = (_GROUP, 200) if kind == "group_name" else (_ID, 250)
            if not name:
                yield Problem(ID, f"this {kind} is empty", place, "give it a name")
            elif len(name) > longest:
                yield Problem(ID, f"{kind} has {len(name)} characters, Airflow takes {longest}", place, "shorten it")
            elif not pattern.fullmatch(name):
                usable = _FORBIDDEN.sub("_", name).strip("_")
                hint = f"write `{usable.replace('.', '_') if kind == 'group_name' else usable}`" if usable else ""
                yield Problem(ID, f"{kind} `{name}` has a character that Airflow refuses", place, hint)


def _names(dag: Dag) -> Iterator[tuple[str, str, Place]]:
    yield "dag_id", dag.dag_id, Place(dag.path, (dag.dag_id,), "key")
    for (_, name_key), nodes in zip(NODE_LISTS, (dag.tasks, dag.groups), strict=True):
        for node in nodes.values():
            in_list = isinstance(node.route[-1], int)
            place = dag.place(*node.route, name_key) if in_list else dag.place(*node.route, part="key")
            yield ("task_id" if name_key == "task_id" else "group_name"), node.name, place
