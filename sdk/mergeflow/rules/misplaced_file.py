"""A config file stands outside any team's folder.

*Why*: a stub in `dags/` loads one team's folder: none would ever read this file, and its DAGs would never be live.

*Bad*:

    # configs/orders.yaml
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

from collections.abc import Iterator
from pathlib import PurePosixPath

from mergeflow.diagnostic import Place, Problem, Severity
from mergeflow.files import SUITES
from mergeflow.paths import team_of
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "misplaced-file"
SEVERITY = Severity.ERROR


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem for each config file that is directly under `configs/`, and for each suite without a team's folder."""
    del known
    for document in project.configs:
        if team_of(document.path) is None:
            message = "this file belongs to no team, so no stub loads it"
            hint = f"move it to configs/<team>/{PurePosixPath(document.path).name}"
            yield Problem(ID, message, Place(document.path), hint)
    for name, document in project.suites.items():
        if "/" not in name:
            hint = f"move it to {SUITES}/<team>/{PurePosixPath(document.path).name}"
            yield Problem(ID, "this suite belongs to no team", Place(document.path), hint)
