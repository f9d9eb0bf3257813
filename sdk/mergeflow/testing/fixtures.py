"""The fixtures that a Mergeflow repository's own tests may use. Importing this imports neither Airflow nor pandas."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from mergeflow.airflow.testing.bag import DagBag
    from mergeflow.airflow.testing.databases import Database
    from mergeflow.airflow.testing.single import Ran
    from mergeflow.compiler import CompiledDag
    from mergeflow.quality.queried import DataFrame


class RunDag(Protocol):
    """Runs a DAG of `configs/` in a throw-away Airflow, and says what came of it.

    `connections` and `given` are those of a pipeline test: `{"db": "sqlite"}`, `{"db": {"table": "validators/….csv"}}`.
    No other connection exists. The run must end within `timeout` seconds.
    """

    def __call__(  # noqa: PLR0913 - each is a choice of its own, by name
        self,
        dag_id: str,
        *,
        connections: Mapping[str, str | Mapping[str, Any]] | None = None,
        given: Mapping[str, Mapping[str, str | Sequence[str]]] | None = None,
        variables: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        logical_date: datetime | None = None,
        runs: int = 1,
        timeout: int = 120,
    ) -> "Ran": ...


class Frame(Protocol):
    """A table or a query of a database, or a file of the repository, as a pandas frame.

    `frame("validators/samples/shop/orders.csv")`, `frame(ran.databases["db"], "orders")`, `frame(url, "SELECT …")`.
    """

    def __call__(self, source: "str | Path | Database", what: str | None = None) -> "DataFrame": ...


def offer(config: pytest.Config) -> None:
    """Let a session have these fixtures, and those of a DAG of tests."""
    from mergeflow.airflow.testing.dag_of_tests.substitute import offer_reserved

    config.pluginmanager.register(sys.modules[__name__], "mergeflow fixtures")
    offer_reserved(config)


@pytest.fixture(scope="session")
def dag_bag(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> "Iterator[DagBag]":
    """All DAGs of `dags/` as Airflow loads them, in this process, with an AIRFLOW_HOME of its own.

    Where something has imported Airflow before, it keeps its home.
    """
    from mergeflow.airflow.testing.home import prepare

    before = dict(os.environ)
    try:
        if "airflow" not in sys.modules:
            prepare(tmp_path_factory.mktemp("airflow"), pytestconfig.rootpath)
        from mergeflow.airflow.testing.bag import bag_of

        with bag_of(pytestconfig.rootpath) as bag:
            yield bag
    finally:
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture(scope="session")
def compiled(pytestconfig: pytest.Config) -> "Mapping[str, CompiledDag]":
    """The DAGs of `configs/` by id, as dag-factory gets them, without Airflow; `MERGEFLOW_ENV` chooses the environment.

    Fails where `mergeflow check` does.
    """
    from mergeflow.files import from_directory
    from mergeflow.planning import side
    from mergeflow.render import text
    from mergeflow.workspace import known_around

    root = pytestconfig.rootpath
    made, report = side(from_directory(root), known_around(root), os.environ.get("MERGEFLOW_ENV", ""))
    if report.errors:
        pytest.fail(text.render(report), pytrace=False)
    return {each.dag_id: each for each in made.compiled}


@pytest.fixture
def run_dag(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunDag]:
    """A function that runs a DAG once, in a process and an Airflow of its own; see `RunDag`."""
    with ExitStack() as stack:
        yield _runner(pytestconfig.rootpath, lambda: tmp_path_factory.mktemp("run_dag"), stack)


def _runner(root: Path, scratch: Callable[[], Path], stack: ExitStack) -> RunDag:
    def run(  # noqa: PLR0913 - each is a choice of its own, by name
        dag_id: str,
        *,
        connections: Mapping[str, str | Mapping[str, Any]] | None = None,
        given: Mapping[str, Mapping[str, str | Sequence[str]]] | None = None,
        variables: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        logical_date: datetime | None = None,
        runs: int = 1,
        timeout: int = 120,
    ) -> "Ran":
        from mergeflow.airflow.testing.databases import Unavailable
        from mergeflow.airflow.testing.single import RunError, run_once
        from mergeflow.pipeline_tests import PipelineTest

        place = _place(root, dag_id)
        test = PipelineTest(
            dag_id=dag_id,
            path=place.path,
            name="run_dag",
            place=place,
            connections={conn_id: (kind,) for conn_id, kind in (connections or {}).items()},
            logical_date=logical_date,
            runs=runs,
            timeout=timeout,
            params=params,
            variables=variables,
            given={conn_id: {name: _files(each) for name, each in of.items()} for conn_id, of in (given or {}).items()},
        )
        try:
            return run_once(root, test, scratch(), stack)
        except Unavailable as error:
            pytest.skip(str(error))
        except RunError as error:
            pytest.fail(str(error), pytrace=False)

    return run


def _place(root: Path, dag_id: str) -> Any:
    """Where a DAG is defined."""
    from mergeflow.files import from_directory
    from mergeflow.model import near
    from mergeflow.project import load

    named = {each.dag.dag_id: each.dag for each in load(from_directory(root)).within("").named}
    if dag_id not in named:
        hint = near(dag_id, named)
        pytest.fail(f"there is no DAG `{dag_id}` in configs/{f': {hint}' if hint else ''}", pytrace=False)
    return named[dag_id].place(part="key")


def _files(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


@pytest.fixture(scope="session")
def frame(pytestconfig: pytest.Config) -> Frame:
    """A function that reads a table, a query or a file into a pandas frame; see `Frame`."""

    def read(source: "str | Path | Database", what: str | None = None) -> "DataFrame":
        from mergeflow.quality.batch import BatchError
        from mergeflow.quality.queried import from_database, from_file

        try:
            if what is None:
                return from_file(pytestconfig.rootpath / str(source))
            return from_database(source if isinstance(source, str) else source.engine(), what)  # type: ignore[union-attr]
        except BatchError as error:
            pytest.fail(str(error), pytrace=False)

    return read
