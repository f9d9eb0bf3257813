"""Runs are counted as Airflow creates them: its own timetables are asked, run by run."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pendulum
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from mergeflow.plan.clock import CronClock, Delta
from mergeflow.plan.timing import Schedule
from mergeflow.schedules import cron_of

ZONES = ("UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata")
SPARSE = ("@daily", "@weekly", "@monthly", "0 6 * * *", "30 2 * * *", "0 0 13 * 5", "30 1 * * 0", "0 9 * * 1#1")
DENSE = ("@hourly", "0 */2 * * *", "15,45 1-3 * * *", "*/20 * * * *", "30 * * * *", "0 * 1 * *")
CHANGES = [datetime(2024, *day, tzinfo=UTC) for day in ((3, 10), (3, 31), (4, 7), (9, 8), (10, 6), (10, 27), (11, 3))]
"""Days on which clocks are changed in one of the zones."""


def by_airflow(timetable: Any, start: datetime | None, end: datetime | None, now: datetime, *, catchup: bool) -> int:
    """How many runs Airflow's scheduler creates one after the other until now, of a DAG that has never run."""
    from airflow.timetables.base import TimeRestriction

    restriction = TimeRestriction(*(each and pendulum.instance(each) for each in (start, end)), catchup)
    runs = 0
    last = None
    with frozen(now):
        while True:
            found = timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction)
            if found is None or found.run_after > now:
                return runs
            runs, last = runs + 1, found.data_interval
            if not catchup and runs:
                return runs


def frozen(now: datetime) -> ExitStack:
    at = pendulum.instance(now)
    stack = ExitStack()
    for module in ("trigger", "interval"):
        stack.enter_context(patch.multiple(f"airflow.timetables.{module}", utcnow=lambda: at))
    return stack


@pytest.fixture(scope="module", autouse=True)
def airflow_imported() -> None:
    """Import Airflow before any example is timed."""
    import airflow.timetables.interval
    import airflow.timetables.trigger

    assert airflow.timetables.interval is not airflow.timetables.trigger


@st.composite
def times(draw: st.DrawFn, cron: str, zone: str) -> tuple[datetime | None, datetime, datetime | None]:
    """A start, a now and an end around a change of clocks; close together where Airflow would take its time."""
    days = 4 if cron in DENSE else 150
    at = draw(st.sampled_from(CHANGES)) - timedelta(days=draw(st.integers(0, days // 2)))
    start = (at + timedelta(minutes=draw(st.integers(0, 1440)))).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    now = start + timedelta(minutes=30 * draw(st.integers(-48, 48 * days)))
    end = draw(st.none() | st.integers(-1, days))
    return (
        start if draw(st.integers(0, 9)) else None,
        now,
        None if end is None else start + timedelta(days=end),
    )


@settings(max_examples=120, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(st.data(), st.sampled_from(SPARSE + DENSE), st.sampled_from(ZONES), st.booleans())
def test_as_many_runs_of_a_cron_as_airflow_creates(data: st.DataObject, cron: str, zone: str, catchup: bool) -> None:  # noqa: FBT001
    from airflow.timetables.trigger import CronTriggerTimetable

    start, now, end = data.draw(times(cron, zone))
    parsed = cron_of(cron)
    assert parsed
    ours = Schedule(CronClock(parsed, ZoneInfo(zone)), by_interval=False, start=start, end=end, catchup=catchup)
    theirs = by_airflow(
        CronTriggerTimetable(cron, timezone=zone), start, end, now, catchup=catchup and start is not None
    )
    assert ours.runs_at(now) == theirs


@settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(st.data(), st.sampled_from((*SPARSE, "@hourly", "*/20 * * * *")), st.booleans())
def test_as_many_runs_of_intervals_as_airflow_creates(data: st.DataObject, cron: str, catchup: bool) -> None:  # noqa: FBT001
    from airflow.timetables.interval import CronDataIntervalTimetable

    start, now, end = data.draw(times(cron, "UTC"))
    parsed = cron_of(cron)
    assert parsed
    ours = Schedule(CronClock(parsed, UTC), by_interval=True, start=start, end=end, catchup=catchup)
    theirs = by_airflow(CronDataIntervalTimetable(cron, "UTC"), start, end, now, catchup=catchup and start is not None)
    assert ours.runs_at(now) == theirs


@settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(
    span=st.timedeltas(timedelta(minutes=7), timedelta(days=3)),
    days=st.integers(-2, 20),
    end=st.none() | st.integers(-1, 20),
    catchup=st.booleans(),
    by_interval=st.booleans(),
)
def test_as_many_runs_of_a_time_span_as_airflow_creates(
    span: timedelta,
    days: int,
    end: int | None,
    catchup: bool,  # noqa: FBT001
    by_interval: bool,  # noqa: FBT001
) -> None:
    from airflow.timetables.interval import DeltaDataIntervalTimetable
    from airflow.timetables.trigger import DeltaTriggerTimetable

    span = timedelta(seconds=int(span.total_seconds()))
    begun = datetime(2024, 5, 5, 1, 2, 3, tzinfo=UTC)
    now, ended = begun + timedelta(days=days), begun + timedelta(days=end) if end is not None else None
    theirs = DeltaDataIntervalTimetable(span) if by_interval else DeltaTriggerTimetable(span)
    ours = Schedule(Delta(span), by_interval, begun, ended, catchup)
    assert ours.runs_at(now) == by_airflow(theirs, begun, ended, now, catchup=catchup)
