"""A pool that the policy does not grant to the team.

*Why*: a pool's slots are shared: a team that takes those of another slows it down. The policy says which team may use
which; where a team has no list of pools, it may use all. `default_pool` is Airflow's own, and everybody's.

*Bad*:

    # validators/policy.yaml
    teams:
      team: {pools: [shop_*]}
    # configs/team/orders.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator, pool: nightly}

*Good*:

    # validators/policy.yaml
    teams:
      team: {pools: [shop_*]}
    # configs/team/orders.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator, pool: shop_nightly}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Severity
from mergeflow.project import Project
from mergeflow.rules.granted import Kind, not_granted
from mergeflow.rules.known import Known

ID = "pool-not-granted"
SEVERITY = Severity.ERROR
POLICY_ONLY = True

_POOLS = Kind(ID, "pool", lambda grants: grants.pools, ("pool",), ("default_pool",))


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each `pool` that the DAG's team may not use."""
    del known
    return not_granted(project, _POOLS)
