"""A Python file that a config names and that does not parse.

*Why*: Airflow cannot import it, and none of the DAGs that name it appears.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.python.PythonOperator
          python_callable: callables.orders.extract_orders
    # dags/callables/orders.py
    def extract_orders()
        ...

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.python.PythonOperator
          python_callable: callables.orders.extract_orders
    # dags/callables/orders.py
    def extract_orders():
        ...
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Severity
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.rules.named_code import named_in

ID = "invalid-python"
SEVERITY = Severity.ERROR


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at the first place where each DAG names a file that does not parse."""
    if known.code is None:
        return
    seen: set[tuple[str, str, str]] = set()
    for dag, named in named_in(project):
        found = named.look(known.code)
        once = (dag.path, dag.dag_id, found.name)
        if found.verdict == "broken" and once not in seen:
            seen.add(once)
            yield Problem(ID, found.message, named.place(dag), f"mend line {found.line} of `{found.name}`")
