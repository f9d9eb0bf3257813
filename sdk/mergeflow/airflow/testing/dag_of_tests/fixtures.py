"""A DAG made by pytest in this process, so that the suite's own `dag` or `dag_default_args` can make it."""

from collections.abc import Callable, Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from airflow.sdk import DAG

from mergeflow.airflow.testing.dag_of_tests import reserved
from mergeflow.airflow.testing.dag_of_tests.building import DagOfTests, Given, Names, add_tests
from mergeflow.airflow.testing.dag_of_tests.collecting import IN_AIRFLOW, Asked
from mergeflow.airflow.testing.dag_of_tests.substitute import Substitute, offer_reserved
from mergeflow.airflow.testing.dag_of_tests.suite import DAG_REPORT, Suite, SuiteError, Test


class Building(Substitute):
    """A plugin: makes a DAG of what pytest has collected; `made` is None until then, and where that has failed."""

    def __init__(self, asked: Callable[[], Asked], names: Names, given: Given) -> None:
        super().__init__({names.dag_id: self._build})
        self._asked = asked
        self._names = names
        self._given = given
        self._is_new = False
        self.made: DagOfTests | None = None

    def pytest_configure(self, config: pytest.Config) -> None:
        """Let `dag` make a new one, where the suite does not."""
        config.stash[reserved.MAKE] = self._new
        offer_reserved(config)

    def _new(self, default_args: Mapping[str, Any] | None) -> DAG:
        self._is_new = True
        return self._given.dag(self._names.dag_id, default_args)

    def _build(self, request: pytest.FixtureRequest, tests: tuple[Test, ...]) -> None:
        try:
            self.made = self._of(request.getfixturevalue("dag"), tests)
        except SuiteError as error:
            pytest.fail(str(error), pytrace=False)

    def _of(self, dag: object, tests: tuple[Test, ...]) -> DagOfTests:
        if not isinstance(dag, DAG):
            raise SuiteError(f"the suite's fixture `dag` gives {type(dag).__name__}, and not a DAG")
        said = [*(["default_args"] if self._given.default_args else []), *self._given.arguments]
        if said and not self._is_new:
            raise SuiteError(f"the suite's fixture `dag` makes the DAG, so `{said[0]}` has no effect; say it there")
        suite = Suite(tests, frozenset({DAG_REPORT}))  # there or not: only a run may ask for it
        return add_tests(dag, self._asked(), suite, self._names)


def by_fixtures(asked: Asked, names: Names, given: Given) -> DagOfTests:
    """Let the suite's own fixtures make its DAG. Raises SuiteError with what pytest says."""
    building = Building(lambda: asked, names, given)
    said = StringIO()
    with TemporaryDirectory(prefix="mergeflow-tests-") as scratch, chdir(asked.root):
        arguments = [*asked.arguments(scratch), *IN_AIRFLOW, *asked.paths]
        with redirect_stdout(said), redirect_stderr(said):
            pytest.main(arguments, plugins=[building])
    if building.made is None:
        raise SuiteError(said.getvalue().strip().replace(f"{asked.root}/", ""))
    return building.made
