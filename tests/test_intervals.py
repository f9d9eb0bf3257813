"""An interval becomes the schedule that its author meant, or is refused in plain words."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from croniter import croniter
from hypothesis import given, settings
from hypothesis import strategies as st

from mergeflow.intervals import IntervalError, schedule_of
from mergeflow.schedules import delta_of, is_accepted

REFUSED = {
    "": "the interval is empty",
    " \t": "the interval is empty",
    "soon": "`soon` is no interval: write `30s`",
    "2": "is no interval",
    "every": "is no interval",
    "every two seconds": "is no interval",
    "every 2": "is no interval",
    "-5s": "is no interval",
    "1.5h": "is no interval",
    "2 weeks": "is no interval",
    "daily": "is no interval",
    "@dayly": "is no interval",
    "@DAILY": "is no interval",
    "@every 2s": "is no interval",
    "P1D": "is no interval",
    "* * * *": "is no interval",
    "0 0 * * * * 2026": "is no interval",
    "61 * * * *": "is no interval",
    "*/0 * * * *": "is no interval",
    "*/2 * * * * 9": "is no interval",
    "90 * * * * *": "is no interval",
    "R * * * *": "is no interval",
    "0 r(1-5) * * * *": "is no interval",
    "{{ var.value.interval }}": "is no interval",
    "*/2 * * * * *; true": "is no interval",
    "`id`": "`·id·` is no interval",
    "5m\x00": "is no interval",
    "0s": "`0s` is no time at all",
    "every 0 minutes": "no time at all",
    "367d": "`367d` is longer than a year",
    "9999999999999999999999h": "longer than a year",
    "0 0 31 2 *": "`0 0 31 2 *` never comes",
    "15 0 0 31 2 *": "never comes",
    "1 " * 26: "at most 50 characters, and this one has 52",
}


@pytest.mark.parametrize(("text", "why"), REFUSED.items())
def test_any_other_text_is_refused_in_plain_words(text: str, why: str) -> None:
    with pytest.raises(IntervalError) as refused:
        schedule_of(text)
    assert why in str(refused.value)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("30s", "seconds", 30),
        ("5m", "minutes", 5),
        ("2h", "hours", 2),
        ("1d", "days", 1),
        ("366d", "days", 366),
        ("90 min", "minutes", 90),
        ("every 2 seconds", "seconds", 2),
        ("Every 5  Seconds", "seconds", 5),
        (" every second ", "seconds", 1),
        ("every 30s", "seconds", 30),
        ("every minute", "minutes", 1),
        ("every 12 hours", "hours", 12),
        ("every day", "days", 1),
        ("*/2 * * * * *", "seconds", 2),
        ("* * * * * *", "seconds", 1),
        ("*/60 * * * * *", "seconds", 60),
    ],
)
def test_a_span_of_time_is_a_timedelta(text: str, unit: str, number: int) -> None:
    assert schedule_of(text) == {"__type__": "datetime.timedelta", unit: number}


@pytest.mark.parametrize(
    ("text", "schedule"),
    [
        ("@hourly", "@hourly"),
        ("@once", "@once"),
        ("*/5 * * * *", "*/5 * * * *"),
        ("0  6 * * 1-5", "0 6 * * 1-5"),
        ("0 0 * * FRI", "0 0 * * FRI"),
        ("0 0 29 2 *", "0 0 29 2 *"),
        ("0 0 l * *", "0 0 l * *"),
        ("0 */5 * * * *", "*/5 * * * *"),
        ("00 30 6 * * 1", "30 6 * * 1"),
        ("30 0 9 * * *", "0 9 * * * 30"),
        ("*/7 * * * * *", "* * * * * */7"),
        ("*/2 30 * * * *", "30 * * * * */2"),
    ],
)
def test_a_cron_or_a_preset_is_what_airflow_reads(text: str, schedule: str) -> None:
    assert schedule_of(text) == schedule


@pytest.mark.parametrize("seconds", ["5", "*/7", "10,40", "0-20/4", "*/2"])
def test_seconds_in_front_fire_in_these_seconds_of_each_minute(seconds: str) -> None:
    schedule = schedule_of(f"{seconds} * * * 1 *")  # in January
    assert isinstance(schedule, str)
    moments = croniter(schedule, datetime(2026, 1, 1, tzinfo=UTC))
    fired = [moments.get_next(datetime) for _ in range(600)]
    wanted = set(croniter.expand(f"{seconds} * * * *")[0][0])
    assert {each.second for each in fired} == wanted
    per_minute = Counter((each.hour, each.minute) for each in fired)
    assert max(per_minute.values()) == len(wanted)
    assert {each.month for each in fired} == {1}


FIELDS = st.sampled_from(
    ["*", "*/2", "0", "7", "31", "60", "1-5", "5-1", "L", "R", "H", "sun#2", "15W", "fri", "*/0", "?"]
)


@settings(deadline=None)
@given(st.lists(FIELDS, min_size=4, max_size=7).map(" ".join) | st.text(max_size=60) | st.from_regex(r"every \d+ \w+"))
def test_any_text_is_refused_or_gives_a_schedule_that_airflow_takes(text: str) -> None:
    try:
        schedule = schedule_of(text)
    except IntervalError as error:
        assert str(error).isprintable()  # noqa: PT017 - a refusal is one of the two good ends
        return
    assert is_accepted(schedule) if isinstance(schedule, str) else delta_of(schedule)
