"""A team has configs but no stub in `dags/`.

*Why*: Airflow reads `dags/<team>.py`, and that stub loads the team's folder: without it none of the DAGs is ever live.

*Bad*:

    # configs/newcomers/orders.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    # configs/team/orders.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

from collections.abc import Collection, Iterator

from mergeflow.diagnostic import Place, Problem, Severity
from mergeflow.paths import team_of
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.shards import stub_of

ID = "missing-stub"
SEVERITY = Severity.ERROR


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at the first config file of each team without a stub."""
    reported: set[str] = set()
    if known.stubs is None:
        return
    for document in project.configs:
        team = team_of(document.path)
        if team is None or team in known.stubs or team in reported:
            continue
        if stub_of(document.path, known.stubs) is None:
            reported.add(team)
            message = f"team `{team}` has no stub dags/{team}.py, so {_those(team, known.stubs)} are never live"
            yield Problem(ID, message, Place(document.path), "`mergeflow stubs` writes it")


def _those(team: str, stubs: Collection[str]) -> str:
    sharded = any(stub.startswith(f"{team}/") for stub in stubs)
    return "DAGs that no shard loads" if sharded else "its DAGs"
