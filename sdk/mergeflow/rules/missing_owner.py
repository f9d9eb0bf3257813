"""A task has no owner.

*Why*: the owner stands beside each DAG in Airflow, and tells whom to ask when it fails; without one it is "airflow".
This rule is off until the policy switches it on.

*Bad*:

    # validators/policy.yaml
    rules: {missing-owner: warning}
    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    # validators/policy.yaml
    rules: {missing-owner: warning}
    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      default_args: {owner: shop}
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Severity
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.rules.lacking import lacking

ID = "missing-owner"
SEVERITY = Severity.WARNING
OPTIONAL = True


def check(project: Project, known: Known) -> Iterator[Problem]:
    """One problem for each DAG with tasks that nobody owns."""
    del known
    for dag in project.dags:
        yield from lacking(ID, dag, list(dag.tasks.values()), "owner", "write `owner: <who>` under `default_args`")
