"""A DAG runs more often than the policy allows.

*Why*: each run costs the scheduler and the workers their time, also one that finds nothing to do. How often is too
often is the platform's to say, for all or for a team: `schedules: {shortest: 15 minutes}` in the policy.

*Bad*:

    # validators/policy.yaml
    schedules: {shortest: 15 minutes}
    # configs/team/a.yaml
    orders:
      schedule: "*/5 * * * *"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    # validators/policy.yaml
    schedules: {shortest: 15 minutes}
    # configs/team/a.yaml
    orders:
      schedule: "*/15 * * * *"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from mergeflow.diagnostic import Place, Problem, Related, Route, Severity
from mergeflow.files import POLICY
from mergeflow.paths import team_of
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.schedules import UNTIMED, cron_of, delta_of, is_text, shortest_gap

ID = "frequent-schedule"
SEVERITY = Severity.ERROR
MERGE_ONLY = True

_UNITS = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each schedule that is due again sooner than the team's limit, or else everybody's, says."""
    del known
    policy = project.policy
    if policy.shortest_interval is None and all(team.shortest_interval is None for team in policy.teams.values()):
        return
    for dag in project.dags:
        team = team_of(dag.path)
        shortest = policy.shortest_interval_of(team)
        found = (
            _gap(dag.config.get("schedule"), ("schedule",)) if shortest and not dag.config.get("timetable") else None
        )
        if shortest and found and found[1] < shortest:
            again = f"after {_words(found[1])}" if found[1] else "as soon as it has ended"
            message = f"DAG `{dag.dag_id}` runs again {again}, and the policy asks for {_words(shortest)} at least"
            own = policy.team(team).shortest_interval is not None
            place = Place(POLICY, (*(("teams", team) if own and team else ()), "schedules", "shortest"))
            hint = f"write a schedule with {_words(shortest)} or more between its runs"
            yield Problem(ID, message, dag.place(*found[0]), hint, related=(Related(place, "the policy"),))


def _gap(schedule: object, route: Route) -> tuple[Route, timedelta] | None:
    """The shortest time between two runs, and the route to what says so; none where it cannot be told."""
    if isinstance(schedule, Mapping) and schedule.get("__type__") != "datetime.timedelta":
        return _gap_of_timetable(schedule, route)
    if is_text(schedule):
        cron = None if schedule in UNTIMED else cron_of(schedule)
        gap = timedelta() if schedule == "@continuous" else shortest_gap(cron) if cron else None
    else:
        gap = delta_of(schedule)
    return None if gap is None else (route, gap)


def _gap_of_timetable(timetable: Mapping[str, Any], route: Route) -> tuple[Route, timedelta] | None:
    """That of the first of its parameters that says when."""
    if "__type__" not in timetable:
        return None
    key = next((each for each in ("timetable", "cron", "delta") if each in timetable), "__args__")
    found, kind = timetable.get(key), str(timetable["__type__"])
    if key != "__args__":
        return _gap(found, (*route, key))
    timed = "Cron" in kind or "Delta" in kind
    return _gap(found[0], (*route, key, 0)) if timed and isinstance(found, list) and found else None


def _words(span: timedelta) -> str:
    """A time span in its largest whole unit: `90 minutes`."""
    for unit, length in _UNITS:
        if span >= length and not span % length:
            return f"{span // length} {unit}{'' if span == length else 's'}"
    seconds = span.total_seconds()
    return f"{seconds:g} second{'' if seconds == 1 else 's'}"
