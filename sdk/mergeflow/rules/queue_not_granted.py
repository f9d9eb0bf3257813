"""A queue that the policy does not grant to the team.

*Why*: a queue is a set of workers, with what they can reach and what they cost. The policy says which team may use
which; where a team has no list of queues, it may use all. `default` is Airflow's own, and everybody's.

*Bad*:

    # validators/policy.yaml
    teams:
      team: {queues: [shop_*]}
    # configs/team/orders.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator, queue: gpu}

*Good*:

    # validators/policy.yaml
    teams:
      team: {queues: [shop_*]}
    # configs/team/orders.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator, queue: shop_gpu}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Severity
from mergeflow.project import Project
from mergeflow.rules.granted import Kind, not_granted
from mergeflow.rules.known import Known

ID = "queue-not-granted"
SEVERITY = Severity.ERROR
POLICY_ONLY = True

_QUEUES = Kind(ID, "queue", lambda grants: grants.queues, ("queue",), ("default",))


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each `queue` that the DAG's team may not use."""
    del known
    return not_granted(project, _QUEUES)
