"""A DAG names an environment that does not exist.

*Why*: what the DAG sets for that environment would never hold. An environment is a file,
`configs/environments/<name>.yaml`, and `MERGEFLOW_ENV` names the one in which Airflow runs.

*Bad*:

    # configs/environments/dev.yaml
    description: nothing runs by itself here
    patches:
      - {dags: "*", set: {schedule: null}}
    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      environments: {dve: {catchup: false}}
      tasks:
        load: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    # configs/environments/dev.yaml
    description: nothing runs by itself here
    patches:
      - {dags: "*", set: {schedule: null}}
    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      environments: {dev: {catchup: false}}
      tasks:
        load: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Severity
from mergeflow.files import ENVIRONMENTS
from mergeflow.model import near
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "unknown-environment"
SEVERITY = Severity.ERROR


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each key of a DAG's `environments` that is the name of none."""
    del known
    for dag in project.dags:
        named = dag.layers.own.data.get("environments")
        for name in named if isinstance(named, dict) else ():
            if name not in project.environments:
                place = dag.layers.place_in(dag.layers.own, ("environments", name), "key")
                hint = near(str(name), project.environments) or f"write {ENVIRONMENTS}/{name}.yaml"
                yield Problem(ID, f"there is no environment `{name}`", place, hint)
