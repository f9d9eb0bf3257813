"""Airflow's alarm, set and gone off for real: what it ends is left out alone, or ends the parse, as the case may be."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.exceptions import AirflowTaskTimeout

from mergeflow.airflow import cache, load_dags, raise_config_errors

GOOD = """
{dag_id}:
  schedule: "@daily"
  start_date: 2024-01-01
  tasks:
    run: {{operator: airflow.providers.standard.operators.empty.EmptyOperator}}
"""
SLOW = GOOD + "  dagrun_timeout: {{__type__: time.sleep, __args__: [{seconds}]}}\n"
"""Sleeps while it is built, and then is refused, as a number of seconds is no time."""
SLOW_AND_GOOD = GOOD + "  params: {{slept: {{__type__: time.sleep, __args__: [{seconds}]}}}}\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of one team with one good DAG, which is built first; Airflow's limit is a second."""
    monkeypatch.setenv(cache.FOLDER, str(tmp_path / "cache"))
    for path, text in {
        "dags/payments.py": 'from mergeflow.airflow import load_dags\n\nload_dags(globals(), "payments")\n',
        "configs/payments/a.yaml": GOOD.format(dag_id="good_a"),
        "configs/payments/z.yaml": GOOD.format(dag_id="good_z"),
        "dags/config_errors.py": (
            '"""The words airflow and dag."""\n'
            "from mergeflow.airflow import raise_config_errors\n\nraise_config_errors(globals())\n"
        ),
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    parse(tmp_path)  # imports what no DAG should be blamed for
    monkeypatch.setenv("AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT", "1")
    return tmp_path


def parse(root: Path, file: str = "") -> DagBag:
    """Parse a file as Airflow does, or all."""
    return DagBag(str(root / "dags" / file), bundle_path=root / "dags", bundle_name="test")


@contextmanager
def alarm_in(seconds: float) -> Iterator[None]:
    """An alarm such as Airflow sets."""

    def goes_off(*_: Any) -> None:
        raise AirflowTaskTimeout("the import takes too long")

    former = signal.signal(signal.SIGALRM, goes_off)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


def test_a_dag_that_hangs_costs_no_other(root: Path) -> None:
    (root / "configs/payments/hangs.yaml").write_text(SLOW.format(dag_id="hangs", seconds=60))
    bag = parse(root)
    assert set(bag.dags) == {"good_a", "good_z"}
    assert list(bag.import_errors) == ["config_errors.py"]
    shown = bag.import_errors["config_errors.py"]
    assert (
        "configs/payments/hangs.yaml:2:1: error: Airflow cannot build `hangs`: its build had not come to an end"
        in shown
    )


def test_a_dag_that_hides_the_alarm_is_not_the_last_one_that_it_ends(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = SLOW.replace("time.sleep, __args__: [{seconds}]", "tests.airflow.hostile.deaf").format(dag_id="hangs")
    (root / "configs/payments/hangs.yaml").write_text(text)
    monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_FILE_PROCESSOR_TIMEOUT", "2")
    (root / "configs/payments/hangs_too.yaml").write_text(SLOW.format(dag_id="hangs_too", seconds=60))
    assert "dagbag_import_timeout" in parse(root, "payments.py").import_errors["payments.py"]


def test_the_second_dag_that_hangs_ends_the_parse_for_all_to_see(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_FILE_PROCESSOR_TIMEOUT", "2")
    for name in ("hangs_1", "hangs_2"):
        (root / f"configs/payments/{name}.yaml").write_text(SLOW.format(dag_id=name, seconds=60))
    assert "dagbag_import_timeout" in parse(root, "payments.py").import_errors["payments.py"]


def test_code_that_clears_the_alarm_costs_no_dag_and_ends_none_later(root: Path) -> None:
    text = SLOW.replace("time.sleep, __args__: [{seconds}]", "tests.airflow.hostile.disarmed")
    for name in ("clears_1", "clears_2", "clears_3"):
        (root / f"configs/payments/{name}.yaml").write_text(text.format(dag_id=name))
    (root / "configs/payments/hangs.yaml").write_text(SLOW.format(dag_id="hangs", seconds=60))
    bag = parse(root)
    assert {"good_a", "good_z"} <= set(bag.dags)
    assert "hangs" not in bag.dags
    assert list(bag.import_errors) == ["config_errors.py"]


def test_the_last_straw_is_not_blamed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second is left when its build begins: less than a tenth of a minute, so others have taken the time."""
    monkeypatch.setenv("AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT", "60")
    (root / "configs/payments/slow.yaml").write_text(SLOW_AND_GOOD.format(dag_id="slow", seconds=60))
    namespace = {"__file__": str(root / "dags/payments.py")}
    with alarm_in(1), pytest.raises(AirflowTaskTimeout, match="dagbag_import_timeout"):
        load_dags(namespace, "payments")
    assert [name for name in namespace if name.startswith("dag ")] == []


def test_without_an_alarm_no_dag_is_blamed_for_being_slow(root: Path) -> None:
    (root / "configs/payments/slow.yaml").write_text(SLOW_AND_GOOD.format(dag_id="slow", seconds=0.1))
    namespace = {"__file__": str(root / "dags/payments.py")}
    load_dags(namespace, "payments")
    assert "dag slow" in namespace


def test_an_exception_that_looks_like_the_alarm_costs_only_its_dag(root: Path) -> None:
    text = SLOW.replace("time.sleep, __args__: [{seconds}]", "tests.airflow.hostile.wolf").format(dag_id="odd")
    (root / "configs/payments/odd.yaml").write_text(text)
    bag = parse(root)
    assert set(bag.dags) == {"good_a", "good_z"}
    assert "Airflow cannot build `odd`: AirflowTaskTimeout" in bag.import_errors["config_errors.py"]


def test_config_errors_stops_in_time_and_goes_on_where_it_stopped(
    root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT", "2")
    for number in range(30):
        text = SLOW_AND_GOOD.format(dag_id=f"slow_{number:02}", seconds=0.06)
        (root / f"configs/payments/slow_{number:02}.yaml").write_text(text)
    late = [30]
    while late[-1]:
        caplog.clear()
        namespace = {"__file__": str(root / "dags/config_errors.py")}
        with alarm_in(2):
            raise_config_errors(namespace)
        assert "config_errors" not in namespace
        told = [record.message for record in caplog.records if "were not tried" in record.message]
        late.append(int(told[0].split()[0]) if told else 0)
    assert len(late) > 2
    assert late == sorted(late, reverse=True)
