"""A connection that the policy does not grant to the team.

*Why*: whoever can name a connection can read what is behind it. The policy says which team may use which; where a team
has no list of connections, it may use all.

*Bad*:

    # validators/policy.yaml
    teams:
      team: {connections: [shop_*]}
    # configs/team/orders.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.python.PythonOperator
          python_callable: callables.team.extract
          op_kwargs: {postgres_conn_id: payroll}

*Good*:

    # validators/policy.yaml
    teams:
      team: {connections: [shop_*]}
    # configs/team/orders.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.python.PythonOperator
          python_callable: callables.team.extract
          op_kwargs: {postgres_conn_id: shop_replica}
"""

from collections.abc import Iterator

from mergeflow.alerts import ALERTS, alerts_of, connection_of
from mergeflow.catalog import Catalog
from mergeflow.dag import Dag, Node
from mergeflow.diagnostic import Problem, Severity
from mergeflow.files import POLICY
from mergeflow.globs import matches
from mergeflow.paths import team_of
from mergeflow.project import Project
from mergeflow.rules.granted import WITHIN, Kind, Named, listed, not_granted, owner, parameters
from mergeflow.rules.known import Known

ID = "connection-not-granted"
SEVERITY = Severity.ERROR
POLICY_ONLY = True

_CONNECTIONS = Kind(ID, "connection", lambda grants: grants.connections, ("conn_id", "CONN_ID"), anywhere=True)


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each `…conn_id` that the DAG's team may not use, also in `op_kwargs`, `env` and alerts.

    Where a task says nothing, its operator's own default counts, and the problem stands at the operator.
    """
    yield from not_granted(project, _CONNECTIONS)
    yield from _of_alerts(project)
    for dag in project.dags if known.catalog else ():
        team = team_of(dag.path)
        granted = project.policy.grants(team).connections
        for task in dag.tasks.values() if granted is not None else ():
            for parameter, connection in _defaults(dag, task, known.catalog):
                if not any(matches(connection, pattern) for pattern in granted or ()):
                    message = (
                        f"task `{task.name}` uses connection `{connection}`, which is not granted to {owner(team)}"
                    )
                    hint = f"give it `{parameter}: …`" + (f", such as {listed(granted)}" if granted else "")
                    yield Problem(ID, message, dag.place(*task.route, "operator"), hint)


def connections_of(dag: Dag) -> Named:
    """Each connection that a DAG names, with the route to its name; not those that only a run knows."""
    return parameters(dag, _CONNECTIONS)


def _of_alerts(project: Project) -> Iterator[Problem]:
    """A mail goes through its server's connection also where it names none; then the problem stands at `email`."""
    for dag in project.dags:
        granted = project.policy.grants(team_of(dag.path)).connections if ALERTS in dag.config else None
        for route, alert in alerts_of(dag.config) if granted is not None else ():
            inner, name = connection_of(alert) or ((), "")
            if inner and not any(matches(name, pattern) for pattern in granted or ()):
                message = f"an alert uses connection `{name}`, which is not granted to {owner(team_of(dag.path))}"
                hint = f"use one of {listed(granted or ())}, or have it added to the connections in {POLICY}"
                yield Problem(ID, message, dag.place(*route, *inner), hint)


def _defaults(dag: Dag, task: Node, catalog: Catalog) -> Iterator[tuple[str, str]]:
    """The parameters for connections that nothing gives a task, each with its operator's default."""
    path = task.config.get("operator")
    operator = catalog.operator(path) if isinstance(path, str) else None
    for name, parameter in operator.parameters.items() if operator else ():
        if name.endswith("conn_id") and parameter.default.startswith('"') and not _is_given(dag, task, name):
            yield name, parameter.default.strip('"')


def _is_given(dag: Dag, task: Node, name: str) -> bool:
    groups = (group.config.get("default_args") for group in dag.groups.values())
    places = (task.config, *(task.config.get(key) for key in WITHIN), dag.config.get("default_args"), *groups)
    return any(isinstance(each, dict) and name in each for each in places)
