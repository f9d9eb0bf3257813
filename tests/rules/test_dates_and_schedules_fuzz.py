"""Whatever text stands for a schedule or a date: an answer, in good time, and never an exception."""

import json
from datetime import date

from hypothesis import example, given, settings
from hypothesis import strategies as st

from mergeflow.checker import check
from mergeflow.project import load
from mergeflow.rules import Known
from mergeflow.rules.dates import parse, zone_of
from mergeflow.schedules import cron_of, is_accepted

TODAY = date(2024, 6, 1)
TEXTS = st.text(max_size=20) | st.text(st.sampled_from("0123456789*/-,lLwWhHrR#?() @monjan:TZ+"), max_size=40)


@settings(max_examples=200, deadline=60_000)
@given(st.lists(TEXTS | st.sampled_from(["*", "0", "1-5", "*/2"]), min_size=1, max_size=7).map(" ".join))
@example("0-99999999999 * * * *")
@example("*/1 0 1-9999999999 * *")
@example("R(0-99999999999) * * * *")
@example("0 0 * * 0#99999999999")
@example("0 0 * * * * 1970-99999999")
@example("9" * 5000 + " * * * *")
@example("\u0660 * * * *")
def test_a_schedule(text: str) -> None:
    assert is_accepted(text) or cron_of(text) is None


@settings(max_examples=200, deadline=60_000)
@given(TEXTS)
@example("9" * 5000 + " days")
@example("2024-01-01T99:99")
@example("12:30:99999999999")
@example("0" * 100_000)
@example("2024-01-01 to the end")
def test_a_date(text: str) -> None:
    assert parse(text, TODAY) is None or parse(text, TODAY) == parse(text, TODAY)
    zone_of(text)


@settings(max_examples=150, deadline=60_000)
@given(TEXTS, TEXTS, TEXTS, st.booleans())
@example("0 0 30 2 L5", "0001-01-01", "UTC", True)  # noqa: FBT003
@example("* * * * * * 2099", "0001-01-01", "Asia/Tokyo", True)  # noqa: FBT003
@example("0 0 29 2 *", "0001-01-01", "America/New_York", True)  # noqa: FBT003
@example("@hourly", "9999-12-31", "America/New_York", True)  # noqa: FBT003
@example("0 0 15W * *", "0001-01-01", "Asia/Tokyo", True)  # noqa: FBT003
def test_a_whole_dag(schedule: str, start: str, zone: str, catchup: bool) -> None:  # noqa: FBT001
    dag = {"schedule": schedule, "start_date": start, "timezone": zone, "catchup": catchup, "tasks": {}}
    check(load({"configs/team/a.yaml": json.dumps({"orders": dag}).encode()}), Known(today=TODAY))
