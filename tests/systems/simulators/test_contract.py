"""What is shipped says what the contract says, built by dag-factory and scheduled by Airflow's own timetables."""

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization
from airflow.timetables.base import TimeRestriction

from mergeflow.airflow.loader import load_dags
from mergeflow.airflow.operators.kpi import KpiOperator
from tests.conftest import ROOT

ROW = """\
- id: {id}
  start_date: 2024-01-01
  interval: "{interval}"
  kpi: {{id: 1, name: Add 2, formula: {formula}}}
"""


def dags(root: Path = ROOT) -> dict[str, DAG]:
    """The DAGs that the team's stub gives Airflow."""
    namespace: dict[str, Any] = {"__file__": str(root / "dags/simulators.py")}
    load_dags(namespace, "simulators")
    return {each.dag_id: each for each in namespace.values() if isinstance(each, DAG)}


def with_rows(folder: Path, *rows: str) -> Path:
    """A repository with the shipped template, for these rows."""
    shutil.copytree(ROOT / "configs/simulators", folder / "configs/simulators")
    shutil.copytree(ROOT / "configs/templates", folder / "configs/templates")
    (folder / "dags").mkdir()
    shutil.copy(ROOT / "dags/simulators.py", folder / "dags")
    (folder / "configs/simulators/rows.yaml").write_text("".join(rows))
    return folder


def row(number: int, interval: str = "30s", formula: str = "value + 2") -> str:
    return ROW.format(id=number, interval=interval, formula=formula)


def moments(dag: DAG) -> Iterator[datetime]:
    """When the DAG's runs start, from the start of an hour on, as the scheduler tells it."""
    timetable = DagSerialization.from_dict(DagSerialization.to_dict(dag)).timetable
    restriction = TimeRestriction(earliest=dag.start_date, latest=None, catchup=True)
    last = None
    while info := timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction):
        yield info.run_after
        last = info.data_interval


def test_two_simulators_are_shipped() -> None:
    found = dags()
    assert sorted(found) == ["simulator_1_dag", "simulator_2_dag"]
    assert [found[each].schedule for each in sorted(found)] == [timedelta(seconds=2), timedelta(seconds=5)]
    assert [found[each].description for each in sorted(found)] == ["Add 2: value + 2", "Add 6: value + 6"]


@pytest.mark.parametrize("number", [1, 2])
def test_a_simulator_is_one_task_that_is_retried_once_after_a_minute(number: int) -> None:
    dag = dags()[f"simulator_{number}_dag"]
    assert dag.start_date == datetime(2024, 1, 1, tzinfo=UTC)
    assert (dag.catchup, dag.max_active_runs) == (False, 1)
    (task,) = dag.tasks
    assert isinstance(task, KpiOperator)
    assert task.task_id == f"run_simulator_{number}"
    assert (task.simulator, task.kpi, task.http_conn_id) == (number, number, "kpi_site")
    assert (task.retries, task.retry_delay) == (1, timedelta(minutes=1))


@pytest.mark.parametrize("interval", ["2s", "every 2 seconds", "*/2 * * * * *"])
def test_every_two_seconds_means_that_in_odd_and_even_minutes_alike(tmp_path: Path, interval: str) -> None:
    (dag,) = dags(with_rows(tmp_path, row(1, interval))).values()
    found = list(islice(moments(dag), 4 * 30))
    assert {(later - earlier).total_seconds() for earlier, later in pairwise(found)} == {2}
    assert {Counter(each.minute for each in found)[minute] for minute in (1, 2, 3)} == {30}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (row(2, "often"), "`often` is no interval"),
        (row(2, "61 * * * *"), "`61 * * * *` is no interval"),
        (row(2, formula="open(value)"), "a formula does not know `open`"),
        (row(2, formula="value.real"), "`.` has no place in a formula"),
        ("- {id: 2, start_date: 2024-01-01, interval: 5s}\n", "`item` has no `kpi`"),
    ],
)
def test_a_row_that_means_nothing_is_refused_and_the_others_are_live(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, wrong: str, message: str
) -> None:
    with caplog.at_level("WARNING"):
        found = dags(with_rows(tmp_path, row(1), wrong, row(3)))
    assert sorted(found) == ["simulator_1_dag", "simulator_3_dag"]
    assert message in caplog.text
