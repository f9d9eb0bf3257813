"""A schedule that Airflow cannot read.

*Why*: Airflow refuses the DAG, and none of it appears.

*Bad*:

    orders:
      schedule: "@dayly"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

import re
from collections.abc import Iterator

from mergeflow.dag import Dag
from mergeflow.diagnostic import Problem, Severity
from mergeflow.model import nearest
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.rules.named import named
from mergeflow.schedules import PRESETS, UNTIMED, is_accepted, is_text

ID = "invalid-schedule"
SEVERITY = Severity.ERROR

_FORM = "write a preset such as `@daily`, or five fields: minute, hour, day, month, weekday, such as `30 6 * * 1`"
_FIELDS = {
    "minute": "0 to 59",
    "hour": "0 to 23",
    "day": "1 to 31",
    "month": "1 to 12",
    "weekday": "0 to 7 (0 and 7 are Sunday)",
}
_EVERY = re.compile(r"(?:@?every\s+)?(\d{1,6})?\s*(s|sec|m|min|h|d|(?:second|minute|hour|day)s?)", re.IGNORECASE)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem for each `schedule` that is a text which Airflow refuses, and each such `cron` of a timetable."""
    for dag in project.dags:
        schedule = dag.config.get("schedule")
        if dag.config.get("timetable") or not is_text(schedule):
            continue
        if schedule == "@continuous":
            yield from _continuous(dag)
        elif not is_accepted(schedule):
            message = f"Airflow cannot read the schedule `{schedule}`" if schedule.strip() else "this schedule is empty"
            yield Problem(ID, f"DAG `{dag.dag_id}`: {message}", dag.place("schedule"), _hint(schedule))
    yield from _timetables(project, known)


def _timetables(project: Project, known: Known) -> Iterator[Problem]:
    if not any("imetable" in document.text for document in project.documents.values()):
        return
    for each in named(project, known):
        cron = each.arguments.get("cron")
        if isinstance(cron, str) and "cron" in each.entry.parameters and "{{" not in cron and not is_accepted(cron):
            message = f"`{each.entry.name}` cannot read the cron `{cron}`"
            yield Problem(ID, message, each.place.at("cron"), _hint(cron))


def _continuous(dag: Dag) -> Iterator[Problem]:
    """Airflow takes this preset only from a DAG that runs once at a time, and 16 times is what dag-factory sets."""
    runs = dag.config.get("max_active_runs")
    if runs is None or (isinstance(runs, int) and runs > 1):
        key = "max_active_runs" if runs is not None else "schedule"
        hint = "write `max_active_runs: 1`" if runs is not None else "add `max_active_runs: 1`"
        message = f"DAG `{dag.dag_id}`: Airflow takes `@continuous` only with one active run at a time"
        yield Problem(ID, message, dag.place(key), hint)


def _hint(schedule: str) -> str:
    text = schedule.strip()
    if not text:
        return "write `schedule: null` for a DAG without a schedule"
    if interval := _EVERY.fullmatch(text):
        number, unit = interval.groups()
        return f"write {{__type__: datetime.timedelta, {_UNITS[unit[0].lower()]}: {int(number or 1)}}}"
    word = text.lower() if text.startswith("@") else f"@{text.lower()}"
    if preset := nearest(word, (*PRESETS, *UNTIMED)):
        return f"did you mean `{preset}`?"
    return _wrong_field(text) or _FORM


def _wrong_field(text: str) -> str:
    """Which of the fields is wrong, when there are five of them; of six, the seconds in front may be all that is."""
    fields = text.split()
    if len(fields) == 6 and is_accepted(rest := " ".join(fields[1:])):
        return f"write `{rest}`: there are no seconds in front"
    if len(fields) == 5:
        for i, (name, limits) in enumerate(_FIELDS.items()):
            if not is_accepted(" ".join(fields[i] if i == j else "*" for j in range(5))):
                return f"`{fields[i]}` is no {name}; write {limits}, `*`, `*/n` or a list of them"
    return ""
