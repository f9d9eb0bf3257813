"""One dag_id is defined twice.

*Why*: Airflow keeps whichever it read last, and which that is changes from one parse to the next.

*Bad*:

    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
    # configs/team/b.yaml
    orders:
      schedule: "@hourly"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
    # configs/team/b.yaml
    orders_hourly:
      schedule: "@hourly"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Related, Severity
from mergeflow.paths import team_of
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "duplicate-dag-id"
SEVERITY = Severity.ERROR


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each definition but the first, in the order of the paths."""
    del known
    first = {dag.dag_id: dag for dag in reversed(project.dags)}
    for dag in project.dags:
        other = first[dag.dag_id]
        if other is not dag:
            related = Related(other.id_place, "the first definition")
            kept = team_of(other.path) == team_of(dag.path) and other.path != dag.path
            hint = f"rename one; until then only the one in {other.path} is live" if kept else "rename one"
            key = dag.layers.own.route[0]
            if dag.layers.made and other.layers.own.route == dag.layers.own.route and key == dag.dag_id and not kept:
                hint = f"let the key tell the items apart: `{key}_${{{{ item.… }}}}`"
            yield Problem(ID, f"DAG `{dag.dag_id}` is defined twice", dag.id_place, hint, related=(related,))
