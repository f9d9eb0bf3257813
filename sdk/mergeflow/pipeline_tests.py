"""The pipeline tests of a DAG, as values: what its key `tests` says, read leniently.

`tests` is no part of the DAG: dag-factory never sees it, and a plan does not show it. What is wrong with one is told by
`pipeline_problems` and by rules; here it counts as not written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import reduce
from itertools import islice, product
from typing import Any

from mergeflow.dag import Dag
from mergeflow.diagnostic import Place, Route

TESTS = "tests"
DATABASES = ("sqlite", "postgres", "mysql")
FOLDER = "folder"
KINDS_OF_CONNECTION = (*DATABASES, FOLDER)
"""What a connection may be in a test: a throw-away database, or a folder."""
RUN_STATES = ("success", "failed")
TASK_STATES = ("success", "failed", "skipped", "upstream_failed", "removed")
"""The states in which a task of a finished run can be."""
SOURCES = ("table", "query", "file")
TABLE_FILES = (".csv", ".jsonl", ".parquet", ".sql")
"""What a table can be filled from; of `.sql` the statements are run."""
FIRST_DATE = datetime(2026, 1, 1, tzinfo=UTC)
"""The logical date of a test that names none, of a DAG without a start date."""
TIMEOUT = 120
"""Seconds."""
MOST_VARIANTS = 12
"""Of one test: each choice of kinds for its connections is a run of its own."""

Kind = str | Mapping[str, Any]
"""One of `KINDS_OF_CONNECTION`, or the fields of an Airflow connection."""


@dataclass(frozen=True, slots=True)
class ExpectedData:
    """A table, a query or a file, and what it must hold; of `rows` either end may be open."""

    conn_id: str
    source: str
    """`table`, `query` or `file`."""
    what: str
    rows: tuple[int | None, int | None] | None
    suite: str | None
    route: Route
    """From the DAG."""


@dataclass(frozen=True, slots=True)
class PipelineTest:
    """One test of a DAG; `connections` has the kinds of each, and a test is run for one kind of each: `variants`."""

    dag_id: str
    path: str
    name: str
    place: Place
    """Of its name."""
    connections: Mapping[str, tuple[Kind, ...]]
    logical_date: datetime | None = None
    """Of the first run; none: the DAG's start date, else `FIRST_DATE`."""
    runs: int = 1
    timeout: int = TIMEOUT
    params: Mapping[str, Any] | None = None
    variables: Mapping[str, Any] | None = None
    given: Mapping[str, Mapping[str, tuple[str, ...]]] | None = None
    state: str = RUN_STATES[0]
    tasks: Mapping[str, str] | None = None
    data: tuple[ExpectedData, ...] = ()

    @property
    def id(self) -> str:
        """Its name among all tests of all DAGs."""
        return f"{self.dag_id}::{self.name}"

    @property
    def route(self) -> Route:
        """From the DAG."""
        return (TESTS, self.name.partition("[")[0])

    @property
    def suites(self) -> list[tuple[Route, str]]:
        """The suites that must hold, each with its route from the DAG."""
        return [((*each.route, "suite"), each.suite) for each in self.data if each.suite]

    def chosen(self, choice: Mapping[str, str]) -> "PipelineTest":
        """This test with one kind for each connection that has several, which its name then says."""
        connections: dict[str, tuple[Kind, ...]] = {}
        named: list[str] = []
        for conn_id, kinds in self.connections.items():
            kind = choice.get(conn_id, kinds[0]) if len(kinds) > 1 else kinds[0]
            connections[conn_id] = (kind,)
            named += [f"{conn_id}={kind}"] if len(kinds) > 1 else []
        name = f"{self.name}[{','.join(named)}]" if named else self.name
        return replace(self, name=name, connections=connections)


def variants(test: PipelineTest) -> list[tuple[dict[str, str], PipelineTest]]:
    """Every choice of kinds for the connections that have several, with the test that it makes; at least one.

    Of a test that is refused for their number, the first ones: they grow beyond all bounds.
    """
    several = {conn_id: kinds for conn_id, kinds in test.connections.items() if len(kinds) > 1}
    choices = (dict(zip(several, map(str, each), strict=True)) for each in product(*several.values()))
    return [(choice, test.chosen(choice)) for choice in islice(choices, MOST_VARIANTS)]


def has_tests(dag: Dag) -> bool:
    """Whether a DAG has any, told without reading them: most have none, and every rule asks."""
    return any(TESTS in layer.data for layer in dag.layers.written)


def tests_of(dag: Dag) -> tuple[PipelineTest, ...]:
    """The tests of a DAG, those of its template and of its environment with its own."""
    if not has_tests(dag):
        return ()
    written = (_mapping(layer.data.get(TESTS)) for layer in dag.layers.written)
    merged: Mapping[str, Any] = reduce(_filled, written)
    return tuple(
        _test(dag, name, data or {})
        for name, data in merged.items()
        if isinstance(name, str) and isinstance(data, dict | None)
    )


def moment(value: object) -> datetime | None:
    """A date or a time of YAML, or its text, in UTC where it names no other zone; none for what is no date."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime(value.year, value.month, value.day, tzinfo=UTC) if isinstance(value, date) else None


def _test(dag: Dag, name: str, data: Mapping[str, Any]) -> PipelineTest:
    expect = _mapping(data.get("expect"))
    return PipelineTest(
        dag.dag_id,
        dag.path,
        name,
        dag.place(TESTS, name, part="key"),
        {conn_id: _kinds(each) for conn_id, each in _named(data.get("connections"))},
        moment(data.get("logical_date")),
        _count(data.get("runs"), 1),
        _count(data.get("timeout"), TIMEOUT),
        _mapping(data.get("params")),
        _mapping(data.get("variables")),
        {conn_id: _files(each) for conn_id, each in _named(data.get("given"))},
        state if (state := expect.get("state")) in RUN_STATES else RUN_STATES[0],
        {task: state for task, state in _named(expect.get("tasks")) if isinstance(state, str)},
        tuple(_expected(expect.get("data"), (TESTS, name, "expect", "data"))),
    )


def _expected(listed: object, route: Route) -> Iterator[ExpectedData]:
    for i, each in enumerate(listed if isinstance(listed, list) else ()):
        conn_id = each.get("conn_id") if isinstance(each, dict) else None
        source = next((source for source in SOURCES if isinstance(_mapping(each).get(source), str)), None)
        if isinstance(conn_id, str) and source:
            suite = each.get("suite")
            named = suite if isinstance(suite, str) else None
            yield ExpectedData(conn_id, source, each[source], bounds(each.get("rows")), named, (*route, i))


def bounds(rows: object) -> tuple[int | None, int | None] | None:
    """The least and the most of `rows`, which is a number or a list of both; none for what is neither."""
    if isinstance(rows, list):
        ends = tuple(rows)
        fits = len(ends) == 2 and all(each is None or type(each) is int for each in ends)
        return (ends[0], ends[1]) if fits else None
    return (rows, rows) if type(rows) is int else None


def _files(tables: object) -> dict[str, tuple[str, ...]]:
    """The files of each table, or of each file, of a connection."""
    listed = ((name, each if isinstance(each, list) else [each]) for name, each in _named(tables))
    return {name: tuple(file for file in files if isinstance(file, str)) for name, files in listed}


def _kinds(value: object) -> tuple[Kind, ...]:
    """What a connection may be, at least one; where what is written is none, and so is told, the first there is."""
    if isinstance(value, dict):
        return (value,)
    listed = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(each for each in listed if each in KINDS_OF_CONNECTION)) or KINDS_OF_CONNECTION[:1]


def _named(value: object) -> Iterator[tuple[str, Any]]:
    return ((name, each) for name, each in _mapping(value).items() if isinstance(name, str))


def _filled(tests: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """`tests` with what only `defaults` has, at every level of mappings."""
    filled = dict(tests)
    for key, value in defaults.items():
        own = filled.get(key)
        if key not in filled:
            filled[key] = value
        elif isinstance(own, dict) and isinstance(value, dict):
            filled[key] = _filled(own, value)
    return filled


def _count(value: object, otherwise: int) -> int:
    return value if type(value) is int and value > 0 else otherwise


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
