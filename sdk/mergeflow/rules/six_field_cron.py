"""A cron schedule has a sixth field.

*Why*: Airflow reads the seconds from the last field, other systems from the first: what was meant as every two seconds
fires in each second of every other minute.

*Bad*:

    orders:
      schedule: "*/2 * * * * *"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    orders:
      schedule: {__type__: datetime.timedelta, seconds: 2}
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

import re
from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Severity
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.schedules import Cron, cron_of, is_accepted, is_text

ID = "six-field-cron"
SEVERITY = Severity.WARNING

_EVERY_SECONDS = re.compile(r"\*(?:/([1-9]\d?))?( \*){5}")
_NAMES = {6: "six", 7: "seven"}


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem for each DAG whose cron has seconds, with what Airflow takes them for."""
    del known
    for dag in project.dags:
        schedule = dag.config.get("schedule")
        if not is_text(schedule) or len(fields := schedule.split()) not in _NAMES:
            continue
        cron = cron_of(schedule)
        if cron:
            message = f"this cron has {_NAMES[len(fields)]} fields, and Airflow reads the sixth as seconds: it fires "
            yield Problem(ID, message + _how_often(cron, fields), dag.place("schedule"), _hint(fields))


def _how_often(cron: Cron, fields: list[str]) -> str:
    seconds = 60 if cron.fields[5] == ("*",) else len(set(cron.fields[5]))
    times = "once" if seconds == 1 else f"{seconds} times"
    return f"{times} in each minute of `{' '.join(fields[:5])}`"


def _hint(fields: list[str]) -> str:
    if every := _EVERY_SECONDS.fullmatch(" ".join(fields)):
        span = f"{every[1]} seconds" if every[1] not in (None, "1") else "second"
        return f"for every {span} write {{__type__: datetime.timedelta, seconds: {every[1] or 1}}}"
    seconds_first, seconds_last = " ".join(fields[1:6]), " ".join(fields[:5])
    if fields[5] == "0" and fields[0] != "0":
        return f"write `{seconds_last}`, which means the same"
    if is_accepted(seconds_first):
        return f"if the first field was meant as seconds, write `{seconds_first}`"
    return f"write `{seconds_last}`"
