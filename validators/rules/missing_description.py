"""A DAG has no description.

*Why*: the description is what an operator reads beside the DAG in Airflow when it fails at night, and what a reviewer
holds the tasks against.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    orders:
      description: Orders of the day, from the shop to the warehouse
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Severity
from mergeflow.project import Project
from mergeflow.rules import Known

ID = "missing-description"
SEVERITY = Severity.WARNING


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at the key of each DAG that is not described, or only with blanks."""
    del known
    for dag in project.dags:
        description = dag.config.get("description")
        if description is None or (isinstance(description, str) and not description.strip()):
            message = f"DAG `{dag.dag_id}` has no description"
            yield Problem(ID, message, dag.place(part="key"), "say in one line what it is for: `description: …`")
