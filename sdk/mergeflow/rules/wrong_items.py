"""A `for_each` that is no list of items.

*Why*: one DAG is made for each item; without items there is none. Items stand in the config, or in a CSV or YAML file
beside it.

*Bad*:

    load_${{ item }}:
      for_each: orders
      schedule: "@daily"
      tasks:
        load: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    load_${{ item }}:
      for_each: [orders, customers]
      schedule: "@daily"
      tasks:
        load: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Severity
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "wrong-items"
SEVERITY = Severity.ERROR


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each `for_each` that makes no DAG."""
    del known
    return (problem for problem in project.making if problem.rule == ID)
