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
from mergeflow.files import CONFIGS
from mergeflow.paths import team_of
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.shards import stub_of

ID = "missing-stub"
SEVERITY = Severity.ERROR

_TAKEN = "config_errors"


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at the first config file of each team without a stub."""
    reported: set[str] = set()
    if known.stubs is None:
        return
    stubs = known.stubs - {_TAKEN}
    for document in project.configs:
        team = team_of(document.path)
        if team is None or team in stubs or team in reported:
            continue
        if stub_of(document.path, stubs) is None:
            reported.add(team)
            yield Problem(ID, _message(team, stubs), Place(document.path), _hint(team))


def _message(team: str, stubs: Collection[str]) -> str:
    if team == _TAKEN:
        return f"no stub can load a team `{team}`: dags/{team}.py shows what is wrong in {CONFIGS}/"
    return f"team `{team}` has no stub dags/{team}.py, so {_those(team, stubs)} are never live"


def _hint(team: str) -> str:
    return "give the folder another name" if team == _TAKEN else "`mergeflow stubs` writes it"


def _those(team: str, stubs: Collection[str]) -> str:
    sharded = any(stub.startswith(f"{team}/") for stub in stubs)
    return "DAGs that no shard loads" if sharded else "its DAGs"
