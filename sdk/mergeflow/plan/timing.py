"""When a DAG runs, as Airflow 3.3.2 takes it from the DAG's config: its clock, its start and end, its catch-up.

A cron text or a time span makes a trigger timetable there, unless Airflow's own `create_cron_data_intervals` is set;
timetables that are named by `__type__` are understood where they are Airflow's for a cron or a time span.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Any

from mergeflow.assets import awaited
from mergeflow.dag import Dag
from mergeflow.plan.changes import Timing
from mergeflow.plan.clock import Clock, CronClock, Delta
from mergeflow.plan.words import in_words
from mergeflow.rules.dates import blocks_of, effective, zone_of
from mergeflow.schedules import UNTIMED, count_runs, cron_of, delta_of, is_text

MOST_RUNS = 100_000
"""Beyond so many, runs are not counted."""
_UPCOMING = 3
_LAST_YEAR = 9999
"""In which a moment may lie beyond what another time zone can tell."""
_YEAR = (datetime(2024, 1, 1), datetime(2027, 12, 31, 23, 59, 59))  # noqa: DTZ001 - four years on any wall
_TIMETABLES = ("CronTriggerTimetable", "CronDataIntervalTimetable", "DeltaTriggerTimetable",
               "DeltaDataIntervalTimetable")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Schedule:
    """A DAG's schedule as Airflow has it; without a clock nothing fires by the time of the day."""

    clock: Clock | None
    by_interval: bool = False
    """Whether a run is created at the end of its interval rather than at the time itself."""
    start: datetime | None = None
    end: datetime | None = None
    catchup: bool = False

    def runs_at(self, now: datetime) -> int:
        """How many runs Airflow creates by `now` for a DAG that has never run; more than MOST_RUNS is enough."""
        last = min(now, self.end) if self.end else now
        if self.clock is None:
            return 0
        if not self.catchup or self.start is None:
            return self._latest(self.clock, now, last)
        first = self.clock.since(self.start)
        if first is None or first > last:
            return 0
        runs = self.clock.count(first, last, MOST_RUNS)
        if not self.by_interval:
            return runs
        return min(runs, self.clock.count(first, now, MOST_RUNS) - 1)  # the last interval has not ended yet

    def upcoming(self, now: datetime) -> tuple[datetime, ...]:
        """The next times at which it creates a run, whatever it has yet to make up for."""
        if self.clock is None or (isinstance(self.clock, Delta) and self.start is None):
            return ()
        at = self._first_after(self.clock, now)
        found: list[datetime] = []
        while at is not None and len(found) < _UPCOMING and at.year < _LAST_YEAR and not (self.end and at > self.end):
            found.append(at)
            at = self.clock.after(at)
        return tuple(found)

    def _latest(self, clock: Clock, now: datetime, last: datetime) -> int:
        """Without catch-up just the latest run is created, if there was a time for it since the start."""
        if self.by_interval:
            return self._latest_interval(clock, now, last)
        starts = [clock.until(now), clock.since(self.start) if self.start else self._first_run(clock, now)]
        return 0 if None in starts else int(max(each for each in starts if each) <= last)

    def _latest_interval(self, clock: Clock, now: datetime, last: datetime) -> int:
        begun = _last_interval(clock, now)
        first = clock.since(self.start) if self.start else begun
        if begun is None or first is None:
            return 0
        ended = clock.after(max(begun, first))
        return int(ended is not None and max(begun, first) <= last and ended <= now)

    def _first_run(self, clock: Clock, now: datetime) -> datetime | None:
        """Without a start: the last time where that is not long ago, else the next; `_calc_first_run` of Airflow."""
        before, following = clock.until(now), clock.since(now)
        if before is None or following is None:
            return following
        near = max((following - before) / 10, timedelta(minutes=5))
        return before if now - before <= near else following

    def _first_after(self, clock: Clock, now: datetime) -> datetime | None:
        if isinstance(clock, Delta):
            if self.start is None or self.start > now:
                return self.start
            return Delta(((now - self.start) // clock.span + 1) * clock.span).after(self.start)
        following, first = clock.after(now), clock.since(self.start) if self.start else now
        return max(following, first) if following and first else None


def _last_interval(clock: Clock, now: datetime) -> datetime | None:
    """The start of the last interval that has ended."""
    if isinstance(clock, Delta):
        return clock.before(now)
    ended = clock.until(now)
    return clock.until(ended - timedelta(microseconds=1)) if ended else None


def _utc(moment: datetime) -> datetime:
    """A moment in UTC; the first or the last that there is where it would lie beyond."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return datetime(1, 1, 1, tzinfo=UTC) if moment.year == 1 else datetime(9999, 12, 31, tzinfo=UTC)


def schedule_of(dag: Dag, now: datetime) -> Schedule:
    """The schedule of a DAG; what cannot be told from its config has no clock."""
    start, end = (effective(dag, key, now.date()) for key in ("start_date", "end_date"))
    zone = _zone(dag)
    clock, by_interval = _clock(dag.config.get("schedule"), zone) if zone else (None, False)
    return Schedule(
        clock,
        by_interval,
        _utc(start.at) if start else None,
        _utc(end.at) if end else None,
        dag.config.get("catchup") is True,
    )


def timing_of(dag: Dag, now: datetime) -> Timing:
    """When a DAG runs, for people: in words, and its next runs in its time zone."""
    schedule = dag.config.get("schedule")
    assets = tuple(dict.fromkeys(str(use.asset) for use in awaited(dag)))
    zone = _zone(dag)
    upcoming = schedule_of(dag, now).upcoming(now)
    name = getattr(zone, "key", "UTC")
    return Timing(
        "" if assets and not in_words(schedule) else worded(dag),
        name,
        tuple(each.astimezone(zone) for each in upcoming),
        assets,
    )


def worded(dag: Dag) -> str:
    """A DAG's schedule in words."""
    return in_words(_cron_of_timetable(dag.config.get("schedule"))) or "a timetable of its own"


def frequency(dag: Dag) -> float | None:
    """How often a DAG runs in four years; none where that is not told by a clock."""
    clock, _ = _clock(dag.config.get("schedule"), UTC)
    if isinstance(clock, Delta):
        return (_YEAR[1] - _YEAR[0]) / clock.span
    if isinstance(clock, CronClock):
        cron = clock.cron
        return float(count_runs(cron, *_YEAR, MOST_RUNS * 25)) if cron.plain else _sparse(clock)
    return None


def _sparse(clock: CronClock) -> float | None:
    """The same for a cron that is stepped through: by the gaps between the next hundred times."""
    at = clock.after(_YEAR[0].replace(tzinfo=UTC))
    times = [at]
    while at is not None and len(times) < 100:
        at = clock.after(at)
        times.append(at)
    gaps = [later - earlier for earlier, later in pairwise(each for each in times if each)]
    return (_YEAR[1] - _YEAR[0]) / (sum(gaps, timedelta()) / len(gaps)) if gaps else None


def _zone(dag: Dag) -> tzinfo | None:
    """The time zone of a DAG: that of its start, as dag-factory makes it; UTC where nothing starts it."""
    for block in blocks_of(dag):
        if "start_date" in block.given():
            return block.zone()
    return UTC


def _clock(schedule: Any, zone: tzinfo) -> tuple[Clock | None, bool]:
    """The clock of a schedule, and whether it creates runs at the end of intervals."""
    given = _cron_of_timetable(schedule)
    by_interval = given is not schedule and "DataInterval" in str(schedule.get("__type__"))
    if isinstance(schedule, dict) and isinstance(schedule.get("timezone"), str):
        named = zone_of(schedule["timezone"])
        if named is None:
            return None, by_interval
        zone = named
    if is_text(given) and given not in UNTIMED:
        cron = cron_of(given)
        return CronClock(cron, zone) if cron else None, by_interval
    delta = delta_of(given)
    return Delta(delta) if delta else None, by_interval


def _cron_of_timetable(schedule: Any) -> Any:
    """The cron or time span that one of Airflow's own timetables is given; any other schedule as it is."""
    if not isinstance(schedule, dict) or str(schedule.get("__type__")).rpartition(".")[2] not in _TIMETABLES:
        return schedule
    args = schedule.get("__args__")
    first = args[0] if isinstance(args, list) and args else None
    return schedule.get("cron", schedule.get("expression", schedule.get("delta", first)))
