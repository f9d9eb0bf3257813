"""What the rules take for a schedule, a date and a run is what Airflow and dag-factory take for one."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pendulum
import pytest
from airflow.timetables.base import DataInterval, TimeRestriction
from airflow.timetables.trigger import CronTriggerTimetable, DeltaTriggerTimetable
from dagfactory.utils import get_datetime

from mergeflow.airflow.dagfactory import BuildError, build
from mergeflow.checker import check
from mergeflow.compiler import compile_project
from mergeflow.project import load
from mergeflow.rules import Known
from mergeflow.rules.dates import moment, zone_of
from mergeflow.schedules import count_runs, cron_of
from tests.conftest import ROOT

CASES = ROOT / "tests/cases/rules"
REFUSED = {"invalid-schedule", "invalid-date", "shared-name", "unknown-trigger-rule"}


@pytest.mark.parametrize(
    "case",
    [
        "catchup_backfill",
        "catchup_of_few_runs",
        "dates_that_dag_factory_takes",
        "end_before_start",
        "invalid_date",
        "invalid_schedule",
        "names_that_may_be_shared",
        "schedules_that_airflow_takes",
        "shared_name",
        "shared_name_in_lists",
        "six_field_cron",
        "unknown_trigger_rule_in_defaults",
    ],
)
def test_an_error_is_what_cannot_be_built_and_nothing_else(case: str) -> None:
    project = load({"configs/team/a.yaml": (CASES / f"{case}.yaml").read_bytes()})
    broken = check(project, Known()).broken
    for compiled in compile_project(project):
        if "{{" in compiled.source:
            continue
        if (compiled.path, compiled.dag_id) in broken:
            with pytest.raises(BuildError):
                build(compiled)
        else:
            build(compiled)


TEXTS = [
    "2024-01-01",
    "2024-02-30",
    "2024",
    "20240101",
    "2024-W01",
    "2024-366",
    "2024-01-01 10:00",
    "2024-01-01T10:00+02:00",
    "2024-1-1",
    "01/02/2024",
    "1 day",
    "2 HOURS",
    "1 hours 2 days",
    "2 weeks",
    "0 days",
    "999999 days",
    "yesterday",
    "",
    " 2024-01-01",
    "P1D",
    "2020/2021",
    "2020-01-01/P1D",
    "9" * 5000 + " days",
    "99999999999 days",
    "{{ ds }}",
]


@pytest.mark.parametrize("zone", ["UTC", "utc", "Europe/Paris", "europe/paris", "+02:00", "", "../x", "Europe", "a\0b"])
@pytest.mark.parametrize("text", TEXTS)
def test_a_date_is_read_as_dag_factory_reads_it(text: str, zone: str) -> None:
    expected: datetime | None
    try:
        expected = get_datetime(text, zone)
    except Exception:  # noqa: BLE001 - whatever it raises, it costs the DAG
        expected = None
    found_zone = zone_of(zone)
    assert (moment(text, found_zone, datetime.now(UTC).date()) if found_zone else None) == expected


@pytest.mark.parametrize(
    "schedule",
    [
        "@daily",
        "@weekly",
        "*/7 3 * * *",
        "0 6 1 * 1",
        "0 6 * * L5",
        "0 6 15W * *",
        "0 0 29 2 *",
        "15 */5 */10 1-6 *",
        timedelta(hours=7),
    ],
)
def test_runs_are_counted_as_airflow_makes_them(schedule: Any) -> None:
    start, stop = datetime(2023, 2, 3, 4, 5, tzinfo=UTC), datetime(2023, 4, 6, tzinfo=UTC)
    if isinstance(schedule, str):
        timetable: Any = CronTriggerTimetable(schedule, timezone="UTC")
        ours: Any = cron_of(schedule)
    else:
        timetable, ours = DeltaTriggerTimetable(schedule), schedule
    restriction = TimeRestriction(pendulum.instance(start), pendulum.instance(stop), catchup=True)
    runs, last = 0, None
    while info := timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction):
        runs, last = runs + 1, DataInterval(info.data_interval.start, info.data_interval.end)
    assert count_runs(ours, start.replace(tzinfo=None), stop.replace(tzinfo=None), 10_000) == runs


def test_today_is_the_day_that_the_check_is_given() -> None:
    config = b"orders:\n  schedule: '@daily'\n  start_date: 2024-01-01\n  catchup: true\n  tasks: {}\n"
    for today, runs in ((date(2024, 4, 9), 0), (date(2024, 4, 10), 101)):
        found = check(load({"configs/team/a.yaml": config}), Known(today=today)).diagnostics
        said = [each.message for each in found if each.rule == "catchup-backfill"]
        assert said == ([f"catch-up starts {runs} runs of DAG `orders` at once"] if runs else [])
