"""What a task may do to the test that runs it: the test ends in time, never passes by it, and leaves nothing."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from mergeflow.airflow.local.keeper import descendants
from mergeflow.airflow.testing import databases, pipeline
from mergeflow.airflow.testing.databases import SERVERS
from mergeflow.tested import Status, Tested
from tests.airflow.testing.orders import BASH, SAMPLE, dag, run, write
from tests.services.server import need

pytestmark = pytest.mark.live

CONNECTIONS = {"orders_db": "sqlite", "out": "folder"}


@pytest.fixture(scope="module", autouse=True)
def _preloaded() -> None:
    pipeline.preload()


@pytest.fixture(autouse=True)
def fleet() -> None:
    """In the place of the live Airflow that the other faults share: these need none."""


def one(tmp_path: Path, made: dict[str, object]) -> Tested:
    write(tmp_path / "root", {"orders": made})
    before = {each.pid for each in descendants(os.getpid())}
    (found,) = run(tmp_path / "root", "orders", tmp_path / "scratch")
    left = [each for each in descendants(os.getpid()) if each.pid not in before]
    assert not left, [Path(f"/proc/{each.pid}/cmdline").read_text().replace("\0", " ") for each in left]
    return found


@pytest.mark.parametrize("expected", ["success", "failed"])
@pytest.mark.parametrize(
    ("function", "told"),
    [
        ("quits", "the process of the run ended with exit code 0 in task `load`"),
        ("killed", "the process of the run was ended by SIGKILL in task `load`"),
    ],
)
def test_a_task_that_ends_the_process_is_a_failure_whatever_is_expected(
    tmp_path: Path, function: str, told: str, expected: str
) -> None:
    found = one(tmp_path, dag(function, {"expect": {"state": expected}}))
    assert found.status is Status.FAILED
    assert found.message.startswith(told)


def test_a_task_that_leaves_by_sys_exit_is_as_in_airflow(tmp_path: Path) -> None:
    found = one(tmp_path, dag("leaves", {"expect": {"tasks": {"load": "success"}}}))
    assert found.status is Status.FAILED
    assert "task `load` is `failed`" in found.message


def test_a_task_that_hangs_is_ended_with_what_it_started(tmp_path: Path) -> None:
    found = one(tmp_path, dag("hangs", {"timeout": 10}, pids=str(tmp_path / "pid")))
    assert found.status is Status.FAILED
    assert found.message.startswith(
        "it ran for more than 10 s in task `load`, and was ended with all that it had started"
    )
    assert "waiting for ever" in found.message
    assert found.seconds < 60
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text()}").exists()


def test_a_hundred_megabytes_of_log_are_no_burden(tmp_path: Path) -> None:
    found = one(tmp_path, dag("floods", {"timeout": 60}))
    assert found.status is Status.FAILED
    assert "ValueError: after the flood" in found.message
    assert len(found.message) < 10_000


def test_a_retry_comes_at_once(tmp_path: Path) -> None:
    made = dag("second_try", {"timeout": 60, "expect": {"tasks": {"load": "success"}}}, folder="x")
    made["default_args"] = {"owner": "team", "retries": 1, "retry_delay": 300}
    found = one(tmp_path, made)
    assert (found.status, found.message) == (Status.PASSED, "")


def test_a_sensor_looks_every_second_in_either_mode_and_a_deferred_one_goes_on(tmp_path: Path) -> None:
    made = dag("knows", {"timeout": 60})
    sensor = "airflow.providers.standard.sensors.bash.BashSensor"
    look = 'f={path}; if [ -e "$f" ]; then exit 0; else touch "$f"; exit 1; fi'
    tasks = {
        mode: {
            "operator": sensor,
            "mode": mode,
            "poke_interval": 3600,
            "bash_command": look.format(path=tmp_path / mode),
        }
        for mode in ("poke", "reschedule")
    }
    tasks["deferred"] = {
        "operator": "airflow.providers.standard.sensors.date_time.DateTimeSensorAsync",
        "target_time": "2026-01-01T00:00:00+00:00",
    }
    made["tasks"] = tasks
    found = one(tmp_path, made)
    assert (found.status, found.message) == (Status.PASSED, "")


def test_mapped_tasks_and_branches_are_airflow_s_own(tmp_path: Path) -> None:
    test = {
        "expect": {"state": "failed", "tasks": {"mapped": "success", "wrong": "failed", "after": "upstream_failed"}}
    }
    made = dag("knows", test)
    made["tasks"] = {
        "mapped": {"operator": BASH, "expand": {"bash_command": ["true", "exit 0", "true"]}, "retries": 1},
        "wrong": {
            "operator": BASH,
            "expand": {"bash_command": ["true", "exit 1"]},
            "retries": 1,
            "dependencies": ["mapped"],
        },
        "after": {"operator": BASH, "bash_command": "true", "dependencies": ["wrong"]},
    }
    found = one(tmp_path, made)
    assert (found.status, found.message) == (Status.PASSED, "")


def test_a_dag_that_cannot_be_built_says_why(tmp_path: Path) -> None:
    made = dag("knows", {})
    made["tasks"]["load"]["operator"] = BASH  # type: ignore[index]
    found = one(tmp_path, made)
    assert found.status is Status.FAILED
    assert found.message.startswith("`orders` cannot be built\n")
    assert "bash_command" in found.message


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("amount,at\nmany,soon\n", ""),
        ("amount\n", "has no rows"),
        ("amount,at\n1\n", "line 2 of `validators/samples/team/orders.csv` has 1 values, and there are 2 columns"),
    ],
)
def test_a_sample_that_does_not_fit_is_told(tmp_path: Path, content: str, told: str) -> None:
    test = {"connections": CONNECTIONS, "given": {"orders_db": {"orders": SAMPLE}}}
    write(tmp_path / "root", {"orders": dag("knows", test)})
    (tmp_path / "root" / SAMPLE).write_text(content)
    (found,) = run(tmp_path / "root", "orders", tmp_path / "scratch")
    assert (found.status is Status.FAILED) is bool(told)
    assert told in found.message


SUITE = """
columns: {amount: {type: number}, note: {sensitive: true}}
expectations:
  - {expectation: expect_column_values_to_be_between, column: amount, min_value: 0}
  - {expectation: expect_column_values_to_be_in_set, column: note, value_set: [fine]}
  - {expectation: expect_column_values_to_be_between, column: amount, min_value: 100, severity: warning}
"""


def test_output_that_breaks_a_suite_is_told_with_its_rows_and_without_what_is_sensitive(tmp_path: Path) -> None:
    data = [{"conn_id": "orders_db", "table": "orders", "suite": "team/stored"}]
    test = {"connections": CONNECTIONS, "given": {"orders_db": {"orders": SAMPLE}}, "expect": {"data": data}}
    root = tmp_path / "root"
    write(root, {"orders": dag("knows", test)})
    (root / SAMPLE).write_text("amount,note\n9.5,fine\n-3,s3cret\n-4,fine\n")
    suite = root / "validators" / "expectations" / "team" / "stored.yaml"
    suite.parent.mkdir(parents=True)
    suite.write_text(SUITE)
    (found,) = run(root, "orders", tmp_path / "scratch")
    assert found.status is Status.FAILED
    assert "s3cret" not in found.message
    assert found.message.splitlines()[-3:] == ["  amount  note", "  -3.0    •••", "  -4.0    •••"]
    suite.write_text(SUITE.replace("min_value: 0", "min_value: -10").replace("[fine]", "[fine, s3cret]"))
    (found,) = run(root, "orders", tmp_path / "again")
    assert (found.status, found.message) == (Status.PASSED, ""), "a warning stops nothing"


def test_parameters_that_the_dag_refuses_are_told(tmp_path: Path) -> None:
    made = dag("knows", {"params": {"limit": "many"}})
    made["params"] = {"limit": {"__type__": "airflow.sdk.Param", "type": "integer", "default": 5}}
    found = one(tmp_path, made)
    assert found.status is Status.FAILED
    assert found.message.startswith("the run cannot be made: ")
    assert "'many' is not of type 'integer'" in found.message


def test_a_date_before_the_dag_begins_is_told_at_once(tmp_path: Path) -> None:
    found = one(tmp_path, dag("knows", {"logical_date": "2020-01-01"}))
    assert found.status is Status.FAILED
    assert "is before the DAG's start date" in found.message
    assert found.seconds < 60


def test_two_at_once_have_nothing_to_do_with_each_other(tmp_path: Path) -> None:
    test = {
        "connections": CONNECTIONS,
        "variables": {"region": "Europe"},
        "given": {"orders_db": {"orders": SAMPLE}},
        "expect": {"data": [{"conn_id": "orders_db", "table": "orders", "rows": 3}]},
    }
    write(tmp_path / "root", {"orders": dag("load", test, date="{{ ts }}")})
    code = (
        "import sys; from pathlib import Path; from mergeflow.airflow.testing.home import prepare;"
        "root, scratch = map(Path, sys.argv[1:]); prepare(scratch / 'home', root);"
        "from tests.airflow.testing.orders import run; (found,) = run(root, 'orders', scratch);"
        "print(found.status, found.message)"
    )
    repository = Path(__file__).parents[2]
    together = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "root"), str(tmp_path / f"scratch{number}")],
            cwd=repository, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for number in range(2)
    ]  # fmt: skip
    for each in together:
        out, err = each.communicate(timeout=200)
        assert out.splitlines()[-1:] == ["passed "], err[-2000:]


@pytest.mark.service
def test_whoever_asks_to_end_a_test_leaves_no_process_and_no_database(tmp_path: Path) -> None:
    need(SERVERS["postgres"].found(), "apt-get install postgresql")
    databases.serve("postgres")
    server = databases._started["postgres"][0]
    test = {"timeout": 100, "connections": {"orders_db": "postgres"}}
    write(tmp_path / "root", {"orders": dag("hangs", test, pids=str(tmp_path / "pid"))})

    def ask() -> None:
        deadline = time.monotonic() + 60
        while not (tmp_path / "pid").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.2)
        if (tmp_path / "pid").exists():  # else it has failed by now, and pytest is what would be ended
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=ask, daemon=True).start()
    try:
        with pytest.raises(SystemExit):
            run(tmp_path / "root", "orders", tmp_path / "scratch")
        left = databases._on(server, databases._LIST["postgres"])
        assert not [name for name in left if name.startswith("mergeflow_test_")]
    finally:
        databases.stop()
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text()}").exists()
