"""Catch-up would start more than a hundred runs at once, or more than the policy allows.

*Why*: with `catchup: true` Airflow makes up for every run since `start_date`, as soon as the DAG is live. How many
these are grows with the calendar: this rule alone depends on the day of the check.

*Bad*:

    orders:
      schedule: "@hourly"
      start_date: 2024-01-01
      catchup: true
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    orders:
      schedule: "@hourly"
      start_date: 2024-01-01
      catchup: false
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from mergeflow.dag import Dag
from mergeflow.diagnostic import Problem, Related, Severity
from mergeflow.project import Project
from mergeflow.rules.dates import effective
from mergeflow.rules.known import Known
from mergeflow.schedules import UNTIMED, Cron, count_runs, cron_of, delta_of, is_text

ID = "catchup-backfill"
SEVERITY = Severity.WARNING

FEW, MOST = 100, 10_000
"""As many runs may start without a word, unless the policy says how many; beyond so many they are not counted."""


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each `catchup` that starts more runs until the beginning of today than the policy allows."""
    most = project.policy.most_catchup_runs
    few = FEW if most is None else most
    limit = max(few, MOST)
    for dag in project.dags:
        schedule = _schedule(dag) if dag.config.get("catchup") is True else None
        start = effective(dag, "start_date", known.today) if schedule else None
        if not (schedule and start):
            continue
        runs = count_runs(schedule, _wall_clock(start.at, start.at), _stop(dag, start.at, known.today), limit)
        if runs > few:
            many = f"over {limit:,}" if runs > limit else f"{runs:,}"
            message = f"catch-up starts {many} runs of DAG `{dag.dag_id}` at once"
            related = Related(dag.place(*start.route), f"one for each time since {start.at:%Y-%m-%d}")
            hint = "write `catchup: false`, or a later `start_date`"
            yield Problem(ID, message, dag.place("catchup"), hint, related=(related,))


def _schedule(dag: Dag) -> Cron | timedelta | None:
    schedule = dag.config.get("schedule")
    if dag.config.get("timetable") or schedule in UNTIMED:
        return None
    return cron_of(schedule) if is_text(schedule) else delta_of(schedule)


def _stop(dag: Dag, start: datetime, today: date) -> datetime:
    """The beginning of today, or the DAG's end if that is earlier."""
    now, end = datetime.combine(today, time(), UTC), effective(dag, "end_date", today)
    return _wall_clock(min(now, end.at) if end else now, start)


def _wall_clock(moment: datetime, start: datetime) -> datetime:
    """A moment as the clocks show it where the DAG's schedule is at home: in the time zone of its start."""
    return moment.astimezone(start.tzinfo).replace(tzinfo=None)
