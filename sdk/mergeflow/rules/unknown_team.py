"""A folder of configs whose team the policy does not list.

*Why*: what nobody has listed nobody owns, and nothing is granted to it in particular. Where the policy lists no teams
at all, every folder is a team.

*Bad*:

    # validators/policy.yaml
    teams:
      shop: {owners: [ada]}
    # configs/team/orders.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    # validators/policy.yaml
    teams:
      team: {owners: [ada]}
    # configs/team/orders.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Place, Problem, Severity
from mergeflow.files import POLICY
from mergeflow.model import near
from mergeflow.paths import team_of
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "unknown-team"
SEVERITY = Severity.ERROR
POLICY_ONLY = True
MERGE_ONLY = True


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at the first config file of each team that the policy does not list."""
    del known
    teams = project.policy.teams
    reported: set[str] = set()
    for document in project.configs if teams else ():
        team = team_of(document.path)
        if team is not None and team not in teams and team not in reported:
            reported.add(team)
            hint = near(team, teams.keys()) or f"add it under `teams` in {POLICY}, or move the file"
            yield Problem(ID, f"the policy lists no team `{team}`", Place(document.path), hint)
