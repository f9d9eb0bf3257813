"""A DAG starts at another date each time it is read.

*Why*: Airflow starts no task of a run that lies before the start. When that moves with the calendar, the runs of
earlier days can no longer be run again, and how many runs catch-up makes up for depends on the day of the merge.

*Bad*:

    orders:
      schedule: "@daily"
      start_date: 2 days
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    orders:
      schedule: "@daily"
      start_date: 2024-01-01
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

import re
from collections.abc import Iterator
from datetime import timedelta

from mergeflow.diagnostic import Problem, Severity
from mergeflow.project import Project
from mergeflow.rules.dates import ANY_DAY, blocks_of, parse
from mergeflow.rules.known import Known

ID = "moving-start-date"
SEVERITY = Severity.WARNING

_CLOCK = re.compile(r"T?\d\d:\d\d")
"""A time without a day, which pendulum takes for one of today."""
_READS_THE_CLOCK = ("now", "today", "utcnow", "yesterday", "tomorrow", "days_ago")


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each `start_date`, of a DAG or in `default_args`, that is told from the day it is read on."""
    del known
    for dag in project.dags:
        for block in blocks_of(dag):
            value = block.data.get("start_date")
            if isinstance(value, str | dict) and (why := _why(value)):
                place = dag.place(*block.route, "start_date")
                yield Problem(ID, f"this `start_date` moves: {why}", place, "write a date, such as `2024-01-01`")


def _why(value: str | dict[str, object]) -> str:
    """Why a start is not the same on every day; nothing when it is."""
    if isinstance(value, dict):
        path = str(value.get("__type__", ""))
        reads = path.rpartition(".")[2] in _READS_THE_CLOCK
        return f"`{path}` is another date each time the DAG is read" if reads else ""
    if value[:4].isdecimal() and value[4:5] == "-":
        return ""
    if value == "now":
        return "`now` is the moment at which the DAG is read"
    here, later = parse(value, ANY_DAY), parse(value, ANY_DAY + timedelta(days=1))
    if here != later:
        return f"`{value}` is counted back from the day on which the DAG is read"
    return f"`{value}` is a time of the day on which the DAG is read" if here and _CLOCK.match(value) else ""
