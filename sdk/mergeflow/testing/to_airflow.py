"""`pytest --airflow`: the tests that pytest collects become a DAG, which is shown, or returned by `pytest.main`."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mergeflow.airflow.testing.dag_of_tests.building import DagOfTests
    from mergeflow.airflow.testing.dag_of_tests.collecting import Asked

_NAMES = {
    "--dag-id": ("pytest", "The id of the DAG."),
    "--source": ("__pytest_source", "The id of the task that chooses tests."),
    "--sink": ("__pytest_sink", "The id of the task that reports."),
}
_CHOOSING = ("-k", "-m")
"""Options that choose tests: one that is run by its node id is chosen."""


def add_options(config: pytest.Config, parser: pytest.Parser) -> None:
    """Add what names the DAG and its tasks. A process of Airflow's may keep its standard input."""
    for option, (default, text) in _NAMES.items():
        parser.getgroup("mergeflow").addoption(option, default=default, help=text)
    config.known_args_namespace.capture = "no"


class ToAirflow:
    """The plugin of a session that makes a DAG; in Airflow's own processes `pytest.main` returns it."""

    def __init__(self, config: pytest.Config) -> None:
        try:
            from mergeflow.airflow.testing.dag_of_tests.building import Given, Names
            from mergeflow.airflow.testing.dag_of_tests.fixtures import Building
            from mergeflow.airflow.testing.dag_of_tests.substitute import stay_alone
        except ModuleNotFoundError as error:
            text = f"--airflow: there is no {error.name} here; it comes with `mergeflow[airflow]`"
            raise pytest.UsageError(text) from None
        stay_alone(config)
        names = Names(config.getoption("--dag-id"), config.getoption("--source"), config.getoption("--sink"))
        self._config = config
        self._failures: list[str] = []
        self._building = Building(lambda: _asked(config), names, Given())
        config.pluginmanager.register(self._building, "mergeflow dag of tests")

    def answer(self, code: Any) -> Any:
        """The DAG and its first and last task, for whoever has called `pytest.main`. Raises SuiteError without one.

        A command line has its exit code.
        """
        if [*map(str, self._config.invocation_params.args)] == sys.argv[1:]:
            return code
        if self._building.made is None:
            from mergeflow.airflow.testing.dag_of_tests.suite import SuiteError

            raise SuiteError("\n".join(self._failures) or "pytest collects no tests")
        return tuple(self._building.made)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep why a file could not be read."""
        if report.outcome == "failed":
            self._failures.append(report.longreprtext)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep why the DAG could not be made."""
        if report.outcome == "failed":
            self._failures.append(report.longreprtext)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the DAG."""
        if made := self._building.made:
            terminalreporter.section(f"DAG {made.dag.dag_id}")
            for line in drawn(made):
                terminalreporter.write_line(line)


def drawn(made: "DagOfTests") -> Iterator[str]:
    """The DAG as lines: its first task, the tests, and its last."""
    tests = {task_id: made.dag.task_dict[task_id] for task_id in sorted(made.source.downstream_task_ids)}
    width = max(map(len, tests), default=0)
    yield made.source.task_id
    for task_id, task in tests.items():
        yield f"    {task_id:{width}}  {task.task_display_name}"
    yield made.sink.task_id


def _asked(config: pytest.Config) -> "Asked":
    """What the tasks shall ask of pytest: the same paths, and the same options without those that are ours."""
    from mergeflow.airflow.testing.dag_of_tests.collecting import Asked

    paths = [_below(config, arg) for arg in config.args]
    return Asked(config.rootpath, tuple(paths), tuple(_options(config)))


def _below(config: pytest.Config, arg: str) -> str:
    """A path, or a node id, as it is from the root."""
    path, separator, names = arg.partition("::")
    full = Path(config.invocation_params.dir, path)
    below = full.relative_to(config.rootpath).as_posix() if full.is_relative_to(config.rootpath) else str(full)
    return f"{below}{separator}{names}"


def _options(config: pytest.Config) -> list[str]:
    """What was given on the command line, without paths, and without what makes or chooses."""
    given, options = list(map(str, config.invocation_params.args)), []
    paths = config.args if config.args_source is config.ArgsSource.ARGS else []
    while given:
        each = given.pop(0)
        name, has_value, _ = each.partition("=")
        if name == "--airflow":
            continue
        if name in _NAMES or each in _CHOOSING:
            del given[: 0 if has_value else 1]
        elif not (each in paths or each[:2] in _CHOOSING):
            options.append(each)
    return options
