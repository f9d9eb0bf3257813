"""What Airflow makes of a schedule: its presets, the cron texts that it takes, and how often they fire.

Airflow 3.3.2 (`airflow.timetables`) looks a text up among its presets and gives the rest to croniter, so croniter it is
here too; it is imported for those texts only that no pattern knows to be good.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any, TypeGuard

UNTIMED = ("@once", "@continuous")
"""Presets that name no moments; Airflow takes them in lower case only."""
PRESETS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
"""The other presets: Airflow's own, and those that croniter knows by itself."""

_PLAIN = re.compile(
    r"(\*(/[1-9])?|[0-5]?\d) (\*(/[1-9])?|1?\d|2[0-3]) (\*(/[1-9])?|[1-9]|[12]\d|3[01])"
    r" (\*(/[1-9])?|[1-9]|1[0-2]) (\*|[0-7])",
    re.ASCII,
)
"""Most cron texts that people write; croniter takes them all, and need not be imported to say so."""

_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
"""The numbers of each field of a cron text; Sunday is 0 and may be written as 7."""

_ENOUGH_DAYS = 366 * 5
"""So many days that whatever a plain cron text does, it does among them."""

Field = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron text as croniter understands it; a field is `("*",)` or what it lists; `plain` when all are numbers."""

    text: str
    fields: tuple[Field, ...]
    plain: bool


def is_text(schedule: object) -> TypeGuard[str]:
    """Whether a schedule is a text that Airflow will read as it stands; `none`, any case, is dag-factory's null."""
    return isinstance(schedule, str) and "{{" not in schedule and schedule.strip().lower() != "none"


def is_accepted(text: str) -> bool:
    """Whether Airflow takes this text for a schedule."""
    return text in UNTIMED or text in PRESETS or _PLAIN.fullmatch(text) is not None or cron_of(text) is not None


@lru_cache(maxsize=1024)
def cron_of(text: str) -> Cron | None:
    """A preset or a cron text in its fields: minute, hour, day, month, weekday, then seconds and years if given."""
    expression = PRESETS.get(text, text)
    if _PLAIN.fullmatch(expression) and "/1" not in expression:  # croniter takes `*/1` for `*`, but not always
        fields = tuple(
            _numbers(each, first, last) for each, (first, last) in zip(expression.split(), _BOUNDS, strict=True)
        )
        return Cron(expression, fields, plain=True)
    from croniter import CroniterError, croniter  # type: ignore[import-untyped]

    try:
        found = croniter(expression)
    except (CroniterError, ValueError, KeyError, TypeError, OverflowError):
        return None
    fields = tuple(tuple(field) for field in found.expanded)
    listed = (each for field in fields for each in field)
    plain = len(fields) == 5 and not (found.nth_weekday_of_month or found.nearest_weekday)
    plain = plain and all(isinstance(each, int) or each == "*" for each in listed)
    return Cron(expression, fields, plain)


def _numbers(field: str, first: int, last: int) -> Field:
    """What a field of a plain cron text lists: `*`, `*/5` or `30`."""
    star, slash, step = field.partition("/")
    if star == "*":
        return tuple(range(first, last + 1, int(step))) if slash else ("*",)
    return (int(field) % 7,) if last == 6 else (int(field),)


def delta_of(schedule: object) -> timedelta | None:
    """The `datetime.timedelta` that a schedule names through `__type__`, when it is longer than nothing."""
    if not isinstance(schedule, Mapping) or schedule.get("__type__") != "datetime.timedelta":
        return None
    given: dict[str, Any] = {str(key): value for key, value in schedule.items() if key not in ("__type__", "__args__")}
    try:
        delta = timedelta(*(schedule.get("__args__") or ()), **given)
    except (TypeError, ValueError, OverflowError):
        return None
    return delta if delta > timedelta() else None


@lru_cache(maxsize=4096)
def count_runs(schedule: Cron | timedelta, start: datetime, stop: datetime, most: int) -> int:
    """How often a schedule fires from `start` to `stop`, both included; `most` + 1 when it is more than `most`.

    The moments are read off the wall clock of the DAG's time zone: none has a time zone itself.
    """
    if stop < start:
        return 0
    if isinstance(schedule, timedelta):
        return min((stop - start) // schedule + 1, most + 1)
    found = 0
    for here in _per_day(schedule, start, stop) if schedule.plain else _steps(schedule, start, stop):
        found += here
        if found > most:
            return most + 1
    return found


def _per_day(cron: Cron, start: datetime, stop: datetime) -> Iterator[int]:
    """How often on each day that has any, and in each whole year: much faster than moment by moment."""
    clock = _clock(cron)
    first, last = start.date(), stop.date()
    for year in range(first.year, last.year + 1):
        if first.year < year < last.year:
            yield len(clock) * _days_of_year(cron.fields[2:], *_kind_of_year(year))
            continue
        since, until = max(first, date(year, 1, 1)), min(last, date(year, 12, 31))
        for day in _days(cron.fields[2:], since.toordinal(), until.toordinal()):
            if day in (first, last):
                yield sum(start <= datetime.combine(day, each) <= stop for each in clock)
            else:
                yield len(clock)


def _kind_of_year(year: int) -> tuple[int, int]:
    """The length and the first weekday of a year: there are fourteen kinds."""
    first = date(year, 1, 1)
    return (date(year, 12, 31) - first).days, first.weekday()


@lru_cache(maxsize=1024)
def _days_of_year(fields: tuple[Field, ...], length: int, weekday: int) -> int:
    """On how many days a plain cron fires in a year of this kind."""
    year = next(each for each in range(2000, 2028) if _kind_of_year(each) == (length, weekday))
    return sum(1 for _ in _days(fields, date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()))


def _clock(cron: Cron) -> list[time]:
    """The times of a day at which a plain cron fires, in order."""
    minutes, hours = cron.fields[:2]
    return [
        time(hour, minute)
        for hour in (range(24) if hours == ("*",) else sorted(map(int, set(hours))))
        for minute in (range(60) if minutes == ("*",) else sorted(map(int, set(minutes))))
    ]


def _days(fields: tuple[Field, ...], first: int, last: int) -> Iterator[date]:
    """The days that a plain cron's last three fields name, of those that Python numbers `first` to `last`."""
    days, months, weekdays = fields
    either = days != ("*",) and weekdays != ("*",)  # cron's own oddity: when both are given, one is enough
    for ordinal in range(first, last + 1):
        day = date.fromordinal(ordinal)
        if months != ("*",) and day.month not in months:
            continue
        by_day, by_weekday = days == ("*",) or day.day in days, weekdays == ("*",) or day.isoweekday() % 7 in weekdays
        if by_day or by_weekday if either else by_day and by_weekday:
            yield day


@lru_cache(maxsize=1024)
def shortest_gap(cron: Cron) -> timedelta | None:
    """The shortest time between two moments at which a cron fires; none when it never does so twice."""
    if not cron.plain:
        moments = _moments(cron)
        return min((later - earlier for earlier, later in pairwise(moments)), default=None)
    times = [timedelta(hours=each.hour, minutes=each.minute) for each in _clock(cron)]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    start = date(2024, 1, 1).toordinal()
    before = None
    for day in _days(cron.fields[2:], start, start + _ENOUGH_DAYS):
        if before is not None:
            gaps.append(day - before - times[-1] + times[0])
            if day - before == timedelta(days=1):
                break  # none can be shorter
        before = day
    return min(gaps, default=None) if before else None


def _moments(cron: Cron, many: int = 200) -> list[datetime]:
    """The first moments at which a cron fires, from 2024 on."""
    from croniter import CroniterError, croniter

    found: list[datetime] = []
    try:
        steps = croniter(cron.text, datetime(2024, 1, 1))  # noqa: DTZ001 - the wall clock of any zone
        found.extend(steps.get_next(datetime) for _ in range(many))
    except (CroniterError, OverflowError, ValueError):
        return found  # it never fires again
    return found


def _steps(cron: Cron, start: datetime, stop: datetime) -> Iterator[int]:
    """One for each moment, as croniter finds them: for the last Friday, for seconds and for years."""
    from croniter import CroniterError, croniter

    try:
        steps = croniter(cron.text, start - timedelta(microseconds=1))
        while steps.get_next(datetime) <= stop:
            yield 1
    except (CroniterError, OverflowError, ValueError):
        return  # it never fires again
