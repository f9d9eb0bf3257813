"""A dag_id that lies outside the team's pattern.

*Why*: Airflow knows no folders: all teams' DAGs share one list, one set of permissions and one history. A dag_id that
begins like another team's is taken for theirs, and sooner or later collides with one of theirs.

*Bad*:

    # validators/policy.yaml
    teams:
      team: {dag_ids: [shop_*]}
    # configs/team/orders.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    # validators/policy.yaml
    teams:
      team: {dag_ids: [shop_*]}
    # configs/team/orders.yaml
    shop_orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Severity
from mergeflow.globs import matches
from mergeflow.paths import team_of
from mergeflow.project import Project
from mergeflow.rules.granted import listed, owner
from mergeflow.rules.known import Known

ID = "foreign-dag-id"
SEVERITY = Severity.ERROR
POLICY_ONLY = True


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each dag_id that none of its team's patterns matches."""
    del known
    if not project.policy.teams:
        return
    for dag in project.dags:
        team = team_of(dag.path)
        patterns = project.policy.team(team).dag_ids
        if patterns is not None and not any(matches(dag.dag_id, pattern) for pattern in patterns):
            message = f"dag_id `{dag.dag_id}` lies outside those of {owner(team)}"
            yield Problem(ID, message, dag.place(part="key"), _hint(dag.dag_id, patterns))


def _hint(dag_id: str, patterns: tuple[str, ...]) -> str:
    """The dag_id that fits the first pattern with one gap, where there is one."""
    gap = next((each for each in patterns if each.count("*") == 1 and "?" not in each), "")
    if not gap:
        return f"its dag_ids are {listed(patterns)}"
    before, _, after = gap.partition("*")
    return f"call it `{before}{dag_id.removeprefix(before).removesuffix(after)}{after}`"
