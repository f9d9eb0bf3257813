"""A patch of an environment that is about no DAG.

*Why*: whoever wrote it believes that some DAG is different there, and none is.

*Bad*:

    # configs/environments/dev.yaml
    patches:
      - {dags: "order_*", set: {schedule: null}}
    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      tasks:
        load: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    # configs/environments/dev.yaml
    patches:
      - {dags: "orders*", set: {schedule: null}}
    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      tasks:
        load: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Place, Problem, Severity
from mergeflow.model import near
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "unmatched-patch"
SEVERITY = Severity.ERROR
MERGE_ONLY = True


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each patch whose pattern matches no dag_id; only a whole project has all of these."""
    del known
    dag_ids = {each.dag.dag_id for each in project.named} if project.environments else set()
    for environment in project.environments.values():
        for patch in environment.patches:
            if not any(map(patch.matches, dag_ids)):
                place = Place(environment.path, (*patch.layer.route[:-1], "dags"))
                hint = near(patch.patterns[0], dag_ids) if patch.patterns else "name the DAGs, or `*` for all"
                hint = hint or "write a dag_id or a pattern that a DAG of this repository has, or remove the patch"
                yield Problem(ID, "this patch is about no DAG", place, hint)
