"""What a run chooses and what it reports; a test that has told nothing has not passed."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from mergeflow.airflow.testing.dag_of_tests import operators
from mergeflow.airflow.testing.dag_of_tests.collecting import Asked
from mergeflow.airflow.testing.dag_of_tests.operators import ChooseTests, ReportTests, RunTest, choice
from mergeflow.airflow.testing.dag_of_tests.outcome import Outcome, Results, Status
from mergeflow.airflow.testing.dag_of_tests.report import lines, write_junit
from tests.airflow.testing.dag_of_tests.suites import write

TESTS = {f"test_{number}": f"tests/smoke/test_a.py::test_{number}" for number in range(4)}


class Ti:
    """A task instance as far as the tasks ask it."""

    def __init__(self, states: dict[str, str], reports: dict[str, Any]) -> None:
        self.states, self.reports = states, reports
        self.pushed: dict[str, Any] = {}

    def get_task_states(self, *, run_ids: list[str], **_: Any) -> dict[str, dict[str, str]]:
        return {run_ids[0]: self.states}

    def xcom_pull(self, *, task_ids: str, **_: Any) -> Any:
        return self.reports.get(task_ids)

    def xcom_push(self, key: str, value: Any) -> None:
        self.pushed[key] = value


def told(number: int, status: Status, message: str = "", seconds: float = 0.5) -> dict[str, Any]:
    return Outcome(TESTS[f"test_{number}"], status, message, seconds).as_json()


def report(ti: Ti, junit: str | None = None) -> dict[str, Any]:
    task = ReportTests(
        task_id="report", dag=DAG("d"), asked=Asked(Path(), ()), tests=TESTS, source="start", junit=junit, custom=False
    )
    return task.execute({"ti": ti, "dag_run": SimpleNamespace(dag_id="d", run_id="manual__2026-11-02T10:30:00+00:00")})  # type: ignore[typeddict-item]


GOOD = {"start": "success", **dict.fromkeys(TESTS, "success")}


def test_all_is_well() -> None:
    summary = report(Ti(GOOD, {task_id: told(int(task_id[-1]), Status.PASSED) for task_id in TESTS}))
    assert (summary["total"], summary["passed"], summary["seconds"], summary["failures"]) == (4, 4, 2.0, [])


@pytest.mark.parametrize(
    ("states", "reports", "text"),
    [
        ({}, {"test_0": told(0, Status.FAILED, "assert 1 == 2")}, "1 failed, 3 passed in 2.00 s: .*::test_0"),
        ({}, {"test_0": told(0, Status.ERROR, "no shop")}, "1 error, 3 passed"),
        ({"test_0": "failed"}, {"test_0": None}, "1 error, 3 passed"),
        ({"test_0": "success"}, {"test_0": None}, "1 error, 3 passed"),
        ({"test_0": "upstream_failed"}, {"test_0": None}, "1 error, 3 passed"),
        ({"test_0": "removed"}, {"test_0": {"status": "fine"}}, "1 error, 3 passed"),
        ({"start": "failed"}, {}, "the tests were not run: `start` is failed"),
        ({"start": "skipped", **dict.fromkeys(TESTS, "skipped")}, dict.fromkeys(TESTS), "not run: `start` is skipped"),
        (dict.fromkeys(TESTS, "skipped"), dict.fromkeys(TESTS), "not run: none was chosen"),
    ],
)
def test_a_run_fails(states: dict[str, str], reports: dict[str, Any], text: str) -> None:
    passed = {task_id: told(int(task_id[-1]), Status.PASSED) for task_id in TESTS}
    ti = Ti(GOOD | states, passed | reports)
    with pytest.raises(AirflowFailException, match=text):
        report(ti)
    assert ti.pushed["return_value"]["passed"] < 4 or states


def test_what_a_run_left_out_is_not_held_against_it() -> None:
    passed = {task_id: told(int(task_id[-1]), Status.PASSED) for task_id in TESTS}
    summary = report(Ti(GOOD | {"test_1": "skipped"}, passed | {"test_1": None}))
    assert (summary["total"], summary["passed"], summary["left_out"]) == (3, 3, 1)


RESULTS = Results(
    "d",
    "manual__2026-11-02T10:30:00+00:00",
    [
        Outcome("a.py::test_wrong", Status.FAILED, "def test_wrong():\n>   assert 1 == 2\nE   assert 1 == 2", 1.5),
        Outcome("a.py::test_odd[\x1b]", Status.ERROR, "\x1b[31mred\x00", 0.25),
        Outcome("a.py::test_fine", Status.PASSED, "", 0.25),
        Outcome("a.py::test_later", Status.SKIPPED, "no data\nyet"),
        Outcome("a.py::test_known", Status.XFAILED, "ticket 7"),
    ],
    ["a.py::test_slow"],
)


def test_the_report_ends_with_what_is_wrong() -> None:
    assert "\n".join(lines(RESULTS)).splitlines()[:6] == [
        "PASSED  a.py::test_fine",
        "SKIPPED a.py::test_later (no data)",
        "XFAILED a.py::test_known (ticket 7)",
        "FAILED  a.py::test_wrong",
        "ERROR   a.py::test_odd[\x1b]",
        "",
    ]
    assert [*lines(RESULTS)][-1] == "1 failed, 1 error, 1 passed, 1 skipped, 1 xfailed, 1 left out in 2.00 s"


def test_junit_is_well_formed_whatever_a_message_holds(tmp_path: Path) -> None:
    file = write_junit(RESULTS, f"{tmp_path}/{{dag_id}}/{{run_id}}.xml")
    assert file.relative_to(tmp_path).as_posix() == "d/manual__2026-11-02T10_30_00+00_00.xml"
    suite = ET.fromstring(file.read_bytes())[0]  # noqa: S314 - written above
    assert {key: suite.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "5", "failures": "1", "errors": "1", "skipped": "2"
    }  # fmt: skip
    assert [case.get("name") for case in suite] == [
        "test_wrong",
        "test_odd[?]",
        "test_fine",
        "test_later",
        "test_known",
    ]
    assert suite[0][0].get("message") == "E   assert 1 == 2"
    assert [*file.parent.iterdir()] == [file]


def test_a_run_id_cannot_lead_out_of_a_folder(tmp_path: Path) -> None:
    results = Results("d", "../../x", RESULTS.outcomes)
    assert write_junit(results, f"{tmp_path}/{{run_id}}.xml").parent == tmp_path


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ({}, []),
        ({"marks": [], "keywords": [""]}, []),
        ({"marks": ["slow"]}, ["-mslow"]),
        ({"marks": "slow"}, ["-mslow"]),
        ({"markers": ["slow and not eu", "us"]}, ["-m(slow and not eu) or (us)"]),
        ({"marks": ["slow"], "keywords": ["orders", "refunds"]}, ["-mslow", "-k(orders) or (refunds)"]),
    ],
)
def test_what_a_run_asks_for_is_pytests_to_judge(given: dict[str, Any], options: list[str]) -> None:
    assert choice(given) == options


@pytest.mark.parametrize("given", [{"marks": 3}, {"keywords": {"slow": True}}, {"marks": ["slow", 3]}])
def test_a_choice_is_a_list_of_texts(given: dict[str, Any]) -> None:
    with pytest.raises(AirflowFailException, match="must be a list of texts"):
        choice(given)


SUITE = {
    "tests/smoke/test_chosen.py": "import pytest\n\n@pytest.mark.slow\ndef test_0(): pass\n\ndef test_1(): pass\n",
    "pytest.ini": "[pytest]\nmarkers = slow: takes long\naddopts = --strict-markers\n",
}


@pytest.mark.parametrize(
    ("conf", "chosen"),
    [
        ({}, ["test_0", "test_1"]),
        ({"marks": ["slow"]}, ["test_0"]),
        ({"marks": ["slow"], "keywords": ["test_1"]}, "no test is chosen by -m 'slow' and -k 'test_1'"),
        ({"marks": ["slwo"]}, "slwo"),
        ({"marks": ["slow and ("]}, "Wrong expression"),
        ({"marks": ["--version"]}, "Wrong expression|Unknown marker|no test is chosen"),
    ],
)
def test_a_run_chooses(conf: dict[str, Any], chosen: list[str] | str, tmp_path: Path) -> None:
    tests = {name: f"tests/smoke/test_chosen.py::{name}" for name in ("test_0", "test_1")}
    task = ChooseTests(task_id="start", dag=DAG("d"), asked=write(tmp_path, SUITE), tests=tests)
    context: Any = {"params": {"marks": []}, "dag_run": SimpleNamespace(conf=conf)}
    if isinstance(chosen, list):
        assert task.choose_branch(context) == chosen
    else:
        with pytest.raises(AirflowFailException, match=chosen):
            task.choose_branch(context)


@pytest.mark.parametrize(
    ("status", "raised"),
    [
        (Status.PASSED, None),
        (Status.XFAILED, None),
        (Status.XPASSED, None),
        (Status.SKIPPED, AirflowSkipException),
        (Status.FAILED, AirflowException),
        (Status.ERROR, AirflowException),
    ],
)
def test_a_task_ends_as_its_test_does(
    status: Status, raised: type[Exception] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mergeflow.airflow.testing.dag_of_tests import running

    monkeypatch.setattr(running, "run_test", lambda *_: Outcome("a.py::test", status, "pytest's words", 0.1))
    monkeypatch.setattr(operators, "redact", lambda text: text.replace("words", "***"))
    ti = Ti({}, {})
    task = RunTest(task_id="test", dag=DAG("d"), asked=Asked(Path(), ()), node="a.py::test")
    if raised is None:
        task.execute({"ti": ti})  # type: ignore[typeddict-item]
    else:
        with pytest.raises(raised, match=r"pytest's \*\*\*") as found:
            task.execute({"ti": ti})  # type: ignore[typeddict-item]
        assert type(found.value) is raised
    assert (ti.pushed["outcome"], ti.pushed["longrepr"]) == (status.value, "pytest's ***")
    assert ti.pushed["report"]["status"] == status.value
