"""Which moments belong to a run, by what Airflow's own timetables say of its runs."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from airflow.timetables.base import TimeRestriction, Timetable
from airflow.timetables.interval import CronDataIntervalTimetable, DeltaDataIntervalTimetable
from airflow.timetables.trigger import CronTriggerTimetable, DeltaTriggerTimetable
from pendulum import DateTime
from pendulum import datetime as pendulum_at
from pendulum.tz.timezone import Timezone

from mergeflow.airflow.windows import WindowError, window_of

PARIS = ZoneInfo("Europe/Paris")


def runs(timetable: Timetable, count: int = 3, start: DateTime | None = None) -> list[dict[str, Any]]:
    """What the tasks of the next runs are told."""
    found: list[dict[str, Any]] = []
    last = None
    limits = TimeRestriction(earliest=start or pendulum_at(2026, 11, 2, 9), latest=None, catchup=True)
    for _ in range(count):
        info = timetable.next_dagrun_info(last_automated_data_interval=last, restriction=limits)
        assert info is not None
        last = info.data_interval
        found.append({"data_interval_start": last.start, "data_interval_end": last.end})
    return found


def spans(contexts: list[dict[str, Any]], said: dict[str, Any], zone: Any = UTC) -> list[tuple[datetime, datetime]]:
    windows = [window_of({"column": "at", **said}, context, zone) for context in contexts]  # type: ignore[arg-type]
    return [(each.start, each.end) for each in windows]


@pytest.mark.parametrize(
    "timetable",
    [
        CronTriggerTimetable("0 * * * *", timezone="UTC"),
        CronDataIntervalTimetable("0 * * * *", timezone="UTC"),
        DeltaTriggerTimetable(timedelta(hours=1)),
        DeltaDataIntervalTimetable(timedelta(hours=1)),
    ],
    ids=lambda each: type(each).__name__,
)
def test_an_hour_back_from_when_each_run_is_due_is_the_same_by_every_timetable(timetable: Timetable) -> None:
    found = spans(runs(timetable), {"hours": 1})
    assert all(end - start == timedelta(hours=1) for start, end in found)
    assert all(before[1] == after[0] for before, after in pairwise(found)), "no row twice, and none missed"
    assert spans(runs(timetable), {"minutes": 60}) == found


@pytest.mark.parametrize(
    "timetable", [CronTriggerTimetable("0 * * * *", timezone="UTC"), DeltaTriggerTimetable(timedelta(hours=1))]
)
def test_an_empty_interval_without_a_span_is_refused_and_not_taken_for_no_rows(timetable: Timetable) -> None:
    context = runs(timetable)[0]
    assert context["data_interval_start"] == context["data_interval_end"], "as Airflow 3 has it"
    with pytest.raises(WindowError, match=r"has no data interval, so `window` must say how far back it reaches"):
        window_of({"column": "at"}, context)  # type: ignore[arg-type]


def test_an_interval_is_the_window_where_there_is_one() -> None:
    found = spans(runs(CronDataIntervalTimetable("0 3 * * *", timezone="UTC")), {})
    assert found[0] == (datetime(2026, 11, 3, 3, tzinfo=UTC), datetime(2026, 11, 4, 3, tzinfo=UTC))


def test_a_day_is_one_of_the_calendar_where_the_clock_is_changed() -> None:
    timetable = CronTriggerTimetable("0 0 * * *", timezone="Europe/Paris")
    contexts = runs(timetable, 4, pendulum_at(2026, 10, 24))
    for zone in (PARIS, Timezone("Europe/Paris")):
        found = spans(contexts, {"days": 1}, zone)
        assert [round((end - start) / timedelta(hours=1)) for start, end in found] == [24, 25, 24, 24]
        assert all(before[1] == after[0] for before, after in pairwise(found))


def test_days_follow_each_other_where_midnight_is_skipped() -> None:
    cairo = ZoneInfo("Africa/Cairo")
    contexts = runs(CronTriggerTimetable("0 0 * * *", timezone="Africa/Cairo"), 4, pendulum_at(2026, 4, 22))
    found = [window_of({"column": "at", "days": 1}, each, cairo) for each in contexts]  # type: ignore[arg-type]
    days = [(each._day(each.start), each._day(each.end)) for each in found]
    assert [(start.isoformat(), end.isoformat()) for start, end in days] == [
        ("2026-04-22", "2026-04-23"),
        ("2026-04-23", "2026-04-24"),
        ("2026-04-24", "2026-04-25"),
        ("2026-04-25", "2026-04-26"),
    ]


@pytest.mark.parametrize("hour", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("zone", ["Europe/Paris", "Africa/Cairo", "America/New_York"])
def test_no_moment_of_a_year_is_missed_whenever_a_run_is_due(zone: str, hour: int) -> None:
    timetable = CronTriggerTimetable(f"30 {hour} * * *", timezone=zone)
    found = spans(runs(timetable, 370, pendulum_at(2026, 1, 1)), {"days": 1}, ZoneInfo(zone))
    assert all(after[0] <= before[1] for before, after in pairwise(found))
    assert sum(before[1] != after[0] for before, after in pairwise(found)) <= 2, (
        "nor twice, but where clocks are changed"
    )


def test_a_run_by_hand_is_told_by_its_own_moment() -> None:
    at = pendulum_at(2026, 11, 2, 10, 17)
    for run in (SimpleNamespace(logical_date=at, run_after=None), SimpleNamespace(logical_date=None, run_after=at)):
        ((start, end),) = spans([{"dag_run": run}], {"minutes": 30})
        assert (start, end) == (datetime(2026, 11, 2, 9, 47, tzinfo=UTC), datetime(2026, 11, 2, 10, 17, tzinfo=UTC))
    with pytest.raises(WindowError, match="this run has no moment"):
        window_of({"column": "at", "hours": 1}, {})  # type: ignore[typeddict-item]
