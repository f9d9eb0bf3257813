"""No task uses an expectation suite.

*Why*: it reads as a promise about the data, and nobody keeps it. Python files below `dags/` that name it count too.

*Bad*:

    # validators/expectations/team/orders.yaml
    expectations:
      - expectation: expect_table_row_count_to_be_between
        min_value: 1

*Good*:

    # validators/expectations/team/orders.yaml
    expectations:
      - expectation: expect_table_row_count_to_be_between
        min_value: 1
    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      tasks:
        check:
          operator: mergeflow.airflow.operators.expectations.ExpectationsOperator
          suite: team/orders
          conn_id: orders_db
          table: orders
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Place, Problem, Severity
from mergeflow.model import nearest
from mergeflow.pipeline_tests import tests_of
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.rules.named_suites import TYPE, named_suites

ID = "unused-suite"
SEVERITY = Severity.WARNING


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem for each suite that neither a task nor a Python file below `dags/` names."""
    if not project.suites or known.mentions is None or project.refused:
        return  # what cannot be read may name it
    used = {name for dag in project.dags for _, _, name in named_suites(dag)}
    used |= {name for dag in project.dags for test in tests_of(dag) for _, name in test.suites}
    slips = used - project.suites.keys()
    for name, document in project.suites.items():
        if "/" in name and name not in used and not known.mentions.text(name) and not (slips and nearest(name, slips)):
            hint = f"name it in a task: `type: {TYPE}` and `suite: {name}`; or remove it"
            yield Problem(ID, f"no task uses the suite `{name}`", Place(document.path), hint)
