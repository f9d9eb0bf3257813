"""One test, run by pytest in this process, which is a task's own."""

import tempfile
from collections.abc import Sequence
from contextlib import chdir
from typing import Any

import pytest

from mergeflow.airflow.testing.dag_of_tests.collecting import IN_AIRFLOW, Asked
from mergeflow.airflow.testing.dag_of_tests.outcome import Outcome, Status
from mergeflow.airflow.testing.dag_of_tests.substitute import Context, Substitute, Use

_LIVE = ("-o", "log_cli=false", "--no-summary")
"""What a test prints and logs goes to the task's log as it comes; pytest's report is the task's message."""


class _Reports:
    """Keeps what pytest reports."""

    def __init__(self) -> None:
        self.tests: list[pytest.TestReport] = []
        self.collected: list[pytest.CollectReport] = []
        self.internal = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test was set up, called or torn down."""
        self.tests.append(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file was read."""
        if report.outcome != "passed":
            self.collected.append(report)

    def pytest_internalerror(self, excrepr: object) -> None:
        """Pytest, or a plugin, has gone wrong."""
        self.internal = str(excrepr)


def run_test(asked: Asked, node: str, context: Any) -> Outcome:
    """Run one test by its node id; whatever is in its way is an error."""
    reports = _Reports()
    code = _session(asked, [node], reports, Context(context))
    if others := {report.nodeid for report in reports.tests} - {node}:
        return Outcome(node, Status.ERROR, f"{node} stands for several tests, such as {min(others)}")
    return _judged(node, reports, code)


def run_with_fixtures(asked: Asked, use: Use, context: Any) -> Outcome:
    """Collect the suite, and call what may ask for the fixtures above all of its tests; a bad end is told."""
    reports = _Reports()
    code = _session(asked, asked.paths, reports, Context(context), Substitute({"report": use}))
    return _judged("report", reports, code)


def _session(asked: Asked, paths: Sequence[str], *plugins: object) -> int:
    with tempfile.TemporaryDirectory(prefix="mergeflow-test-") as scratch, chdir(asked.root):
        return pytest.main([*asked.arguments(scratch), *IN_AIRFLOW, *_LIVE, *paths], plugins=list(plugins))


def _judged(node: str, reports: _Reports, code: int) -> Outcome:
    """What came of it: only a call that passed, with nothing that failed before or after it, has passed."""
    seconds = round(sum(report.duration for report in reports.tests), 3)
    for report in reports.tests:
        if report.outcome == "failed":
            status = Status.FAILED if report.when == "call" else Status.ERROR
            return Outcome(node, status, _text(report), seconds)
    last = next((each for each in reversed(reports.tests) if each.when == "call" or each.outcome == "skipped"), None)
    if last and last.outcome == "skipped":
        return Outcome(node, Status.XFAILED if hasattr(last, "wasxfail") else Status.SKIPPED, _reason(last), seconds)
    if last and code == pytest.ExitCode.OK and reports.tests[-1].when == "teardown":
        return Outcome(node, Status.XPASSED if hasattr(last, "wasxfail") else Status.PASSED, _reason(last), seconds)
    return _not_run(node, reports, code, seconds)


def _not_run(node: str, reports: _Reports, code: int, seconds: float) -> Outcome:
    if reports.internal:
        return Outcome(node, Status.ERROR, reports.internal, seconds)
    for collected in reports.collected:
        if collected.outcome == "skipped":
            return Outcome(node, Status.SKIPPED, _reason(collected), seconds)
        return Outcome(node, Status.ERROR, collected.longreprtext, seconds)
    why = {
        pytest.ExitCode.USAGE_ERROR: f"pytest does not find {node}, or an option is wrong; the log says which",
        pytest.ExitCode.NO_TESTS_COLLECTED: f"pytest collects no test as {node}",
    }
    return Outcome(node, Status.ERROR, why.get(code, f"pytest ended early, with exit code {int(code)}"), seconds)  # type: ignore[call-overload]


def _text(report: pytest.TestReport) -> str:
    if report.longreprtext:
        return report.longreprtext
    return f"{report.nodeid} failed in its {report.when}"  # `--tb=no`


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why a test was skipped, or was expected to fail."""
    if wasxfail := getattr(report, "wasxfail", ""):
        return str(wasxfail).removeprefix("reason: ")
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return ""
