"""When a DAG runs, in words and at its limits."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from mergeflow.dag import Dag
from mergeflow.layers import Layer, Layers
from mergeflow.plan.timing import MOST_RUNS, frequency, schedule_of, timing_of
from mergeflow.plan.words import in_words
from mergeflow.render.plan_words import timing, upcoming

NOW = datetime(2026, 11, 21, 13, 30, tzinfo=UTC)
HOURS = {"__type__": "datetime.timedelta", "hours": 7}
CRON_INTERVAL = {
    "__type__": "airflow.timetables.interval.CronDataIntervalTimetable",
    "cron": "@daily",
    "timezone": "UTC",
}


def dag(**config: Any) -> Dag:
    none = Layer("configs/team/a.yaml", ("default",), {})
    return Dag("a", "configs/team/a.yaml", Layers(Layer("configs/team/a.yaml", ("a",), config), none, ()))


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (None, "no schedule"),
        ("None", "no schedule"),
        ("@once", "once"),
        ("@continuous", "without a pause"),
        ("@hourly", "every hour"),
        ("@weekly", "every Sunday at 00:00"),
        ("@quarterly", "on the 1st of January, April, July and October at 00:00"),
        ("* * * * *", "every minute"),
        ("*/5 * * * *", "every 5 minutes"),
        ("5 * * * *", "every hour at :05"),
        ("0 6 * * *", "every day at 06:00"),
        ("15,45 8 * * *", "every day at 08:15 and 08:45"),
        ("0 */4 * * *", "every 4 hours"),
        ("10 */6 * * *", "every 6 hours at :10"),
        ("*/15 9-17 * * 1-5", "Monday to Friday, every 15 minutes from 09:00 to 17:59"),
        ("0 6-18/2 * * *", "7 times a day from 06:00 to 18:00"),
        ("* 3 * * *", "every minute from 03:00 to 03:59"),
        ("30 6 1,15 * *", "on the 1st and 15th at 06:30"),
        ("0 0 22,23 * *", "on the 22nd and 23rd at 00:00"),
        ("0 0 1-20 * *", "on 20 days of the month at 00:00"),
        ("0 0 13 * 5", "on the 13th or every Friday at 00:00"),
        ("0 9 * * MON#1", "cron 0 9 * * MON#1"),
        (HOURS, "every 7 hours"),
        ({"__type__": "datetime.timedelta", "minutes": 90}, "every 90 minutes"),
        ({"__type__": "datetime.timedelta", "milliseconds": 500}, "every 0.5 seconds"),
    ],
)
def test_a_schedule_in_words(schedule: Any, words: str) -> None:
    assert in_words(schedule) == words


def test_the_next_runs_are_told_in_the_time_zone_of_the_dag() -> None:
    found = timing_of(dag(schedule="0 6 * * *", start_date="2026-01-01", timezone="Asia/Tokyo"), NOW)
    assert (timing(found), upcoming(found)) == (
        "every day at 06:00",
        "2026-11-22 06:00, 2026-11-23 06:00, 2026-11-24 06:00 Asia/Tokyo",
    )


def test_assets_are_what_it_waits_for_also_beside_a_time() -> None:
    asset = {"__type__": "airflow.sdk.Asset", "name": "rates"}
    assert timing(timing_of(dag(schedule=[asset]), NOW)) == "when rates is updated"
    assert timing(timing_of(dag(schedule=["s3://a", "s3://b"]), NOW)) == "when s3://a, s3://b are updated"


@pytest.mark.parametrize(
    ("config", "runs"),
    [
        ({"schedule": "@daily", "start_date": "2026-11-12", "catchup": True}, 10),
        ({"schedule": "@daily", "start_date": "2026-11-12", "catchup": False}, 1),
        ({"schedule": "@daily", "start_date": "2026-11-12"}, 1),
        ({"schedule": "@daily", "start_date": "2026-11-22", "catchup": True}, 0),
        ({"schedule": "@daily", "start_date": "2026-11-12", "end_date": "2026-11-14", "catchup": True}, 3),
        ({"schedule": "@daily", "start_date": "2026-11-12", "end_date": "2026-11-14"}, 0),
        ({"schedule": "@daily", "default_args": {"start_date": "2026-11-12"}, "catchup": True}, 10),
        ({"schedule": CRON_INTERVAL, "start_date": "2026-11-12", "catchup": True}, 9),
        ({"schedule": HOURS, "start_date": "2026-11-21", "catchup": True}, 2),
        ({"schedule": "* * * * *", "start_date": "2020-01-01", "catchup": True}, MOST_RUNS + 1),
        ({"schedule": None, "start_date": "2020-01-01", "catchup": True}, 0),
        ({"schedule": ["s3://a"], "start_date": "2020-01-01", "catchup": True}, 0),
        ({"schedule": "@once", "start_date": "2020-01-01", "catchup": True}, 0),
    ],
)
def test_runs_until_now(config: dict[str, Any], runs: int) -> None:
    assert schedule_of(dag(**config), NOW).runs_at(NOW) == runs


@pytest.mark.parametrize("catchup", [True, False])
def test_no_date_is_too_early_or_too_late(catchup: bool) -> None:  # noqa: FBT001
    days = {"__type__": "datetime.timedelta", "days": 999_999_999}
    schedules = (
        "@daily",
        "0 0 29 2 *",
        "0 9 * * 5#5",
        HOURS,
        days,
        CRON_INTERVAL,
        {**CRON_INTERVAL, "cron": "0 0 30 2 *"},
    )
    dates = (None, "0001-01-01", "1899-12-31", "9999-12-31")
    for schedule, start, end, zone in product(schedules, dates, dates, ("UTC", "Asia/Tokyo", "America/New_York")):
        found = dag(schedule=schedule, start_date=start, end_date=end, timezone=zone, catchup=catchup)
        runs = schedule_of(found, NOW).runs_at(NOW)
        assert 0 <= runs <= MOST_RUNS + 1
        assert runs == 0 or start != "9999-12-31"
        told = timing_of(found, NOW).upcoming
        assert all(each > NOW for each in told)
        assert not told or start != "9999-12-31"


def test_how_often() -> None:
    many = [frequency(dag(schedule=each)) for each in ("@hourly", "@daily", HOURS, "0 9 * * 5#1", None)]
    assert many[0] == 24 * (many[1] or 0)
    assert many[2] == pytest.approx(4 * 365.25 * 24 / 7, rel=0.01)
    assert many[3] == pytest.approx(48, rel=0.05)
    assert many[4] is None
    assert timedelta(days=4 * 365.25) / timedelta(days=1) == many[1]
