"""A suite becomes a DAG: a task that chooses, a task for each test, and one that reports."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from airflow.sdk import DAG, BaseOperator, Param

from mergeflow.airflow.testing.dag_of_tests.collecting import Asked
from mergeflow.airflow.testing.dag_of_tests.operators import ChooseTests, ReportTests, RunTest
from mergeflow.airflow.testing.dag_of_tests.suite import (
    DAG_REPORT,
    SINK,
    SOURCE,
    Suite,
    SuiteError,
    Test,
    folder_of,
    task_ids,
)

DEFAULT_ARGS: Mapping[str, Any] = {
    "owner": "airflow",
    "start_date": datetime(2018, 1, 1, tzinfo=UTC),
    "depends_on_past": False,
    "retries": 0,
}
"""What `dag_default_args` is unless a suite has its own. No retry: a test that passes at times is worth knowing of."""

_LONGEST = 1_000
"""Of a name that is shown, in characters; Airflow's column takes 2,000."""

_CHOICE = "pytest's `-{}`: only tests that one of these chooses are run"


class DagOfTests(NamedTuple):
    """A DAG of tests, with its first task and its last."""

    dag: DAG
    source: BaseOperator
    sink: BaseOperator


@dataclass(frozen=True)
class Names:
    """What somebody calls the DAG and its first and last task; and where JUnit's XML goes, if anywhere."""

    dag_id: str = "pytest"
    source: str = SOURCE
    sink: str = SINK
    junit: str | None = None


@dataclass(frozen=True)
class Given:
    """What somebody has said of the DAG itself: its default_args, and other arguments such as `schedule`."""

    default_args: Mapping[str, Any] | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def dag(self, dag_id: str, default_args: Mapping[str, Any] | None = None) -> DAG:
        """A DAG of these; it is started by hand unless they say otherwise. `default_args` are those of the suite."""
        params = {
            "marks": Param([], type="array", items={"type": "string"}, description=_CHOICE.format("m")),
            "keywords": Param([], type="array", items={"type": "string"}, description=_CHOICE.format("k")),
        }
        arguments = {"schedule": None, "catchup": False, "tags": ["tests"], "params": params, **self.arguments}
        defaults = DEFAULT_ARGS if default_args is None else default_args
        return DAG(dag_id, default_args={**defaults, **(self.default_args or {})}, **arguments)


def add_tests(dag: DAG, asked: Asked, suite: Suite, names: Names) -> DagOfTests:
    """Give a DAG the tasks for a suite. Raises SuiteError where two tasks would have one id."""
    tests = task_ids(suite.tests, folder_of(asked.paths))
    for task_id in (names.source, names.sink):
        if task_id in tests or task_id in dag.task_dict or names.source == names.sink:
            raise SuiteError(f"there are two tasks `{task_id}`; call the one beside the tests something else")
    nodes = {task_id: test.node for task_id, test in tests.items()}
    source = ChooseTests(task_id=names.source, dag=dag, asked=asked, tests=nodes)
    sink = ReportTests(
        task_id=names.sink,
        dag=dag,
        asked=asked,
        tests=nodes,
        source=names.source,
        junit=names.junit,
        custom=DAG_REPORT in suite.custom,
    )
    source >> list(_tasks(dag, asked, tests.items())) >> sink
    return DagOfTests(dag, source, sink)


def _tasks(dag: DAG, asked: Asked, tests: Iterable[tuple[str, Test]]) -> Iterable[RunTest]:
    for task_id, test in tests:
        shown = test.node[:_LONGEST]
        doc = test.doc or None
        yield RunTest(task_id=task_id, task_display_name=shown, doc_md=doc, dag=dag, asked=asked, node=test.node)
