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

from mergeflow.diagnostic import Problem, Severity
from mergeflow.project import Project
from mergeflow.rules.granted import Kind, not_granted
from mergeflow.rules.known import Known

ID = "connection-not-granted"
SEVERITY = Severity.ERROR
POLICY_ONLY = True

_CONNECTIONS = Kind(ID, "connection", lambda grants: grants.connections, ("conn_id", "CONN_ID"), anywhere=True)


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each `…conn_id` that the DAG's team may not use, also in `op_kwargs`, `env` and the like."""
    del known
    return not_granted(project, _CONNECTIONS)
