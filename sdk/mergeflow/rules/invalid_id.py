"""A dag_id, task_id or group name has a character that Airflow refuses.

*Why*: Airflow takes letters, digits, dashes, dots and underscores (no dots in group names), 250 of them at most. A
team's name may have 95 characters: each of its DAGs has the tag `team:<team>`, and Airflow's tags have 100.

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

from mergeflow.dag import NODE_LISTS, Dag, Node
from mergeflow.diagnostic import Place, Problem, Severity
from mergeflow.paths import team_of, team_tag
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "invalid-id"
SEVERITY = Severity.ERROR

_ID = re.compile(r"[\w.-]+")
_GROUP = re.compile(r"[\w-]+")
_LONGEST_TAG = 100
_FORBIDDEN = re.compile(r"[^\w.-]+")


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each name that Airflow would refuse."""
    del known
    yield from _long_teams(project)
    for dag in project.dags:
        if found := _refused("dag_id", dag.dag_id):
            yield Problem(ID, found[0], dag.id_place, found[1])
        for (_, name_key), nodes in zip(NODE_LISTS, (dag.tasks, dag.groups), strict=True):
            for node in nodes.values():
                if found := _refused(name_key, node.name):
                    yield Problem(ID, found[0], _place(dag, node, name_key), found[1])


def _long_teams(project: Project) -> Iterator[Problem]:
    """A problem at each config file of a team whose tag Airflow would refuse: none of their DAGs can be built."""
    for document in project.configs:
        over = len(team_tag(document.path) or "") - _LONGEST_TAG
        if over > 0:
            name = team_of(document.path) or ""
            message = f"team has {len(name)} characters, Airflow takes {len(name) - over} in its tag"
            yield Problem(ID, message, Place(document.path), "shorten the name of the team's folder")


def _refused(kind: str, name: str) -> tuple[str, str] | None:
    """What is wrong with a name, and what to do about it."""
    pattern, longest = (_GROUP, 200) if kind == "group_name" else (_ID, 250)
    if not name:
        return f"this {kind} is empty", "give it a name"
    if len(name) > longest:
        return f"{kind} has {len(name)} characters, Airflow takes {longest}", "shorten it"
    if pattern.fullmatch(name):
        return None
    usable = _FORBIDDEN.sub("_", name).strip("_")
    hint = f"write `{usable.replace('.', '_') if kind == 'group_name' else usable}`" if usable else ""
    return f"{kind} `{name}` has a character that Airflow refuses", hint


def _place(dag: Dag, node: Node, name_key: str) -> Place:
    in_list = isinstance(node.route[-1], int)
    return dag.place(*node.route, name_key) if in_list else dag.place(*node.route, part="key")
