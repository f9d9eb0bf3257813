"""A task holds data against an expectation suite that does not exist.

*Why*: the task fails in every run, after the data was made and before anything could use it. A suite is named after its
file: `team/orders` is `validators/expectations/team/orders.yaml`.

*Bad*:

    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      tasks:
        check:
          operator: mergeflow.airflow.operators.expectations.ExpectationsOperator
          suite: team/ordres
          conn_id: orders_db
          table: orders
        check_again:
          operator: mergeflow.airflow.operators.expectations.ExpectationsOperator
          suite: team/orders
          conn_id: orders_db
          table: old_orders
    # validators/expectations/team/orders.yaml
    expectations:
      - expectation: expect_table_row_count_to_be_between
        min_value: 1

*Good*:

    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      tasks:
        check:
          operator: mergeflow.airflow.operators.expectations.ExpectationsOperator
          suite: team/orders
          conn_id: orders_db
          table: orders
    # validators/expectations/team/orders.yaml
    expectations:
      - expectation: expect_table_row_count_to_be_between
        min_value: 1
"""

import re
from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Severity
from mergeflow.files import SUITES
from mergeflow.model import near
from mergeflow.pipeline_tests import tests_of
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.rules.named_suites import named_suites

ID = "unknown-suite"
SEVERITY = Severity.ERROR

_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)*")


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each name of a suite that is not there."""
    if known.suites is None:
        return
    for dag in project.dags:
        for task, route, name in named_suites(dag):
            if name not in known.suites or "/" not in name:
                message = f"task `{task.name}` names the suite `{name}`, which does not exist"
                yield Problem(ID, message, dag.place(*route), _hint(name, known.suites))
        for test in tests_of(dag):
            for route, name in test.suites:
                if name not in known.suites or "/" not in name:
                    message = f"test `{test.name}` names the suite `{name}`, which does not exist"
                    yield Problem(ID, message, dag.place(*route), _hint(name, known.suites))


def _hint(name: str, suites: frozenset[str]) -> str:
    """The nearest name; where only the team is missing, with it."""
    if not _NAME.fullmatch(name):
        return "a suite is named `<team>/<suite>`, after its file; nothing is rendered here"
    whole = [each for each in sorted(suites) if each.rpartition("/")[2] == name]
    found = f"did you mean `{whole[0]}`?" if whole else near(name, sorted(suites))
    return found or f"write it into {SUITES}/{name if '/' in name else f'<team>/{name}'}.yaml"
