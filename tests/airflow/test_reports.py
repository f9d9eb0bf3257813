"""How a task writes its report, and where: never at the cost of the task, and never with a secret."""

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowTaskTimeout
from airflow.sdk.log import mask_secret

from mergeflow.airflow import reports
from mergeflow.airflow.operators.expectations import ExpectationsOperator
from mergeflow.quality.reports import Try, read

DOCUMENT: dict[str, Any] = {
    "version": 1,
    "suite": "team/orders",
    "data": "table `orders`",
    "success": True,
    "outcomes": [],
}


def context(**ti: Any) -> Any:
    given = {"dag_id": "d", "run_id": "r", "task_id": "t", "map_index": -1, "try_number": 1, "task": SimpleNamespace()}
    run = SimpleNamespace(logical_date=datetime(2026, 11, 2, 10, tzinfo=UTC))
    return {"ti": SimpleNamespace(**(given | ti)), "dag_run": run}


def result(**more: Any) -> Any:
    return SimpleNamespace(document=lambda: DOCUMENT | more)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(reports.LOCATION, str(tmp_path / "reports"))
    return tmp_path / "reports"


def test_a_report_that_cannot_be_written_is_one_warning(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder.write_text("a file")
    with caplog.at_level(logging.INFO):
        assert reports.write(context(), result(), None, 1) is None
    assert [each.levelname for each in caplog.records] == ["WARNING"]
    assert "could not be written" in caplog.text


@pytest.mark.parametrize("location", ["nonsense://bucket/x", "s3://"])
def test_a_location_that_nobody_knows_is_one_warning(
    location: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(reports.LOCATION, location)
    assert reports.write(context(), result(), None, 1) is None
    assert len(caplog.records) == 1


def test_a_number_of_runs_that_is_none_is_one_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(reports.KEPT, "many")
    assert reports.write(context(), result(), None, 1) is None
    assert "many" in caplog.text


def test_no_secret_that_airflow_knows_is_written(folder: Path) -> None:
    mask_secret("hunter2-hunter2")
    said = "connect to db:hunter2-hunter2@host"
    deep = [{"examples": [{"value": said, "key": {said: [said]}}]}]
    path = reports.write(context(), result(outcomes=deep), said, 1)
    text = (folder / str(path)).read_text()
    assert "hunter2" not in text
    assert text.count("***") == 4


def test_the_report_says_whose_it_is_and_when(folder: Path) -> None:
    bundle = SimpleNamespace(version="abc123")
    task = SimpleNamespace(on_failure="warn")
    path = reports.write(context(map_index=3, try_number=2, bundle_instance=bundle, task=task), result(), None, 2.5)
    found = json.loads((folder / str(path)).read_text())
    assert (found["map_index"], found["try_number"], found["commit"]) == (3, 2, "abc123")
    assert (found["logical_date"], found["on_failure"]) == ("2026-11-02T10:00:00+00:00", "warn")
    assert (datetime.now(UTC) - datetime.fromisoformat(found["started"])).total_seconds() >= found["seconds"] == 2.5


def test_a_task_that_saw_no_data_has_a_report_too(folder: Path) -> None:
    reports.write(context(bundle_instance=None), None, "there is no connection `x`", 0)
    found = read(folder, Try("d", "t", "r"))
    assert found is not None
    assert (found["result"], found["error"]) == (None, "there is no connection `x`")


@pytest.mark.parametrize("raised", [KeyboardInterrupt("4711"), AirflowTaskTimeout("4711")])
def test_what_ends_a_task_from_outside_leaves_a_report_that_quotes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, raised: BaseException
) -> None:
    def broken(*_: Any) -> None:
        raise raised

    monkeypatch.setattr(ExpectationsOperator, "_result", broken)
    task = ExpectationsOperator(task_id="t", suite="team/orders", file="orders.csv")
    with pytest.raises(type(raised)):
        task.execute(context(task=task))
    found = read(folder, Try("d", "t", "r"))
    assert found is not None
    assert found["error"] == f"it raised {type(raised).__name__}; the task's log has more"
    assert (found["suite"], found["result"]) == ("team/orders", None)


def test_a_setting_of_airflow_names_the_folder_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(reports.LOCATION)
    monkeypatch.setenv("AIRFLOW__MERGEFLOW__REPORTS", f"file://{tmp_path}/by%20setting".replace("%20", "-"))
    monkeypatch.setenv("AIRFLOW__MERGEFLOW__REPORTS_KEPT", "7")
    assert reports.location() == tmp_path / "by-setting"
    assert reports.kept() == 7


def test_without_a_setting_reports_stand_beside_airflows_own_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(reports.LOCATION)
    monkeypatch.setenv("AIRFLOW_HOME", "/srv/airflow")
    assert reports.location() == Path("/srv/airflow/mergeflow-reports")
    assert reports.kept() == 100


@pytest.mark.parametrize(
    ("base", "found"),
    [
        ("https://airflow.example/team/", "https://airflow.example/team/mergeflow/reports/d/t/-1/1/r%2F%3Fx%20%2B"),
        ("", "/mergeflow/reports/d/t/-1/1/r%2F%3Fx%20%2B"),
    ],
)
def test_the_address_of_a_page(monkeypatch: pytest.MonkeyPatch, base: str, found: str) -> None:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", base)
    assert reports.address(Try("d", "t", "r/?x +")) == found
