"""Counting runs day by day gives what croniter gives moment by moment."""

# ruff: noqa: DTZ001 - these are what the clocks show, wherever that is

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from croniter import croniter  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from mergeflow.schedules import _PLAIN, PRESETS, count_runs, cron_of, is_accepted, shortest_gap


def field(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    spans = st.tuples(number, number).map(lambda pair: f"{min(pair)}-{max(pair)}")
    lists = st.lists(number, min_size=1, max_size=3).map(lambda each: ",".join(map(str, each)))
    return st.just("*") | number.map(str) | spans | lists | st.integers(1, 9).map(lambda step: f"*/{step}")


CRONS = st.tuples(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7)).map(" ".join)
MOMENTS = st.datetimes(datetime(1999, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(microsecond=0))


@settings(max_examples=200, deadline=None)
@given(CRONS, MOMENTS, st.timedeltas(timedelta(), timedelta(days=400)))
def test_days_and_moments_agree(text: str, start: datetime, span: timedelta) -> None:
    cron, most = cron_of(text), 300
    assert cron
    assert cron.plain
    stop, found = start + span.__class__(days=span.days, seconds=span.seconds), 0
    steps = croniter(text, start - timedelta(microseconds=1), max_years_between_matches=2)
    try:
        while found <= most and steps.get_next(datetime) <= stop:
            found += 1
    except ValueError:
        pass  # it does not fire any more
    assert count_runs(cron, start, stop, most) == found


@settings(max_examples=200, deadline=None)
@given(st.from_regex(_PLAIN, fullmatch=True))
def test_what_the_pattern_takes_croniter_takes(text: str) -> None:
    assert croniter(text)


@settings(max_examples=200, deadline=None)
@given(st.from_regex(_PLAIN, fullmatch=True))
def test_the_pattern_reads_the_fields_that_croniter_reads(text: str) -> None:
    cron = cron_of(text)
    assert cron
    assert [sorted(set(field)) for field in cron.fields] == [sorted(set(field)) for field in croniter(text).expanded]


@settings(max_examples=20, deadline=None)
@given(CRONS)
def test_no_two_moments_are_closer_than_the_shortest_gap(text: str) -> None:
    cron = cron_of(text)
    assert cron
    steps, moments = croniter(text, datetime(2024, 1, 1) - timedelta(seconds=1)), list[datetime]()
    try:
        while len(moments) < 1500 and (not moments or moments[-1] < datetime(2029, 1, 1)):
            moments.append(steps.get_next(datetime))
    except ValueError:
        pass  # it does not fire any more
    gap = shortest_gap(cron)
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert not gaps or (gap and gap <= min(gaps))
    if moments and moments[-1] >= datetime(2029, 1, 1):
        assert gap is None or gap == min(gaps)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("@hourly", 60), ("*/5 * * * *", 5), ("50,10 23,0 * * *", 20), ("0 0 * * 1,3", 2880), ("* * * * * */30", 0.5)],
)
def test_the_shortest_gap(text: str, minutes: float) -> None:
    cron = cron_of(text)
    assert cron
    assert shortest_gap(cron) == timedelta(minutes=minutes)


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_mean_what_they_are_said_to_mean(preset: str) -> None:
    assert is_accepted(PRESETS[preset])
    if preset != "@quarterly":  # Airflow's own
        assert croniter(preset).expanded == croniter(PRESETS[preset]).expanded


def test_a_span_is_counted_without_a_step() -> None:
    start = datetime(2024, 1, 1)
    assert count_runs(timedelta(days=1), start, datetime(2024, 1, 3), 10) == 3
    assert count_runs(timedelta(microseconds=1), start, datetime(2024, 1, 3), 10) == 11
    assert count_runs(timedelta(days=1), start, datetime(2023, 12, 31), 10) == 0
