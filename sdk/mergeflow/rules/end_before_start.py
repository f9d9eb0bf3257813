"""A DAG ends before it starts.

*Why*: Airflow takes the DAG, shows it, and never runs it on its schedule.

*Bad*:

    orders:
      schedule: "@daily"
      start_date: 2024-06-01
      end_date: 2023-12-31
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    orders:
      schedule: "@daily"
      start_date: 2024-06-01
      end_date: 2024-12-31
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

from collections.abc import Iterator
from datetime import date

from mergeflow.dag import Dag
from mergeflow.diagnostic import Problem, Related, Severity
from mergeflow.project import Project
from mergeflow.rules.dates import effective
from mergeflow.rules.known import Known

ID = "end-before-start"
SEVERITY = Severity.WARNING


_DAYS = (date(1900, 1, 1), date(2900, 1, 1))
"""A text such as `2 days` moves with the calendar: what holds on both of these holds on every day between."""


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each `end_date` that lies before the `start_date`, on whatever day one looks."""
    del known
    for dag in project.dags:
        start, end = effective(dag, "start_date", _DAYS[0]), effective(dag, "end_date", _DAYS[0])
        if start and end and all(_ends_first(dag, day) for day in _DAYS):
            related = Related(dag.place(*start.route), "the start")
            message = f"DAG `{dag.dag_id}` ends before it starts, so its schedule never runs"
            hint = "set a later `end_date`, or remove it"
            yield Problem(ID, message, dag.place(*end.route), hint, related=(related,))


def _ends_first(dag: Dag, today: date) -> bool:
    start, end = effective(dag, "start_date", today), effective(dag, "end_date", today)
    return bool(start and end and end.at < start.at)
