"""The tests of a DAG as values: read leniently, and no part of the DAG."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from mergeflow.compiler import compile_project
from mergeflow.dag import Dag
from mergeflow.pipeline_tests import MOST_VARIANTS, PipelineTest, bounds, has_tests, moment, variants
from mergeflow.pipeline_tests import tests_of as read_tests
from mergeflow.plan.comparing import diff
from tests.conftest import Repository

Make = Callable[..., Repository]
EMPTY = "airflow.providers.standard.operators.empty.EmptyOperator"
TASKS = f"  tasks:\n    load: {{operator: {EMPTY}}}\n"


def dags_of(make: Make, text: str, **more: str) -> list[Dag]:
    from mergeflow.workspace import select

    files = {"configs/team/a.yaml": text, **{path.replace("__", "/") + ".yaml": each for path, each in more.items()}}
    return list(select(make(files).root, []).project.dags)


def test_tests_are_no_part_of_the_dag_and_no_change_of_it(repository: Make) -> None:
    from mergeflow.workspace import select

    plain = f"orders:\n  schedule: '@daily'\n{TASKS}"
    tested = f"{plain}  tests:\n    first_run: {{runs: 2}}\n"
    sides = []
    for text in (plain, tested):
        made = repository({"configs/team/a.yaml": text})
        sides.append(compile_project(select(made.root, []).project))
    assert all("tests" not in each.config for side in sides for each in side)
    assert not diff(*sides).changes


def test_a_dag_without_tests_has_none(repository: Make) -> None:
    (dag,) = dags_of(repository, f"tests:\n  schedule: '@daily'\n{TASKS}")
    assert (dag.dag_id, has_tests(dag), read_tests(dag)) == ("tests", False, ())


def test_a_test_of_a_template_is_that_of_each_dag_with_what_this_says_itself(repository: Make) -> None:
    template = (
        "params: {region: {type: string}}\ndag:\n  schedule: '@daily'\n"
        '  tests:\n    made:\n      variables: {region: "${{ params.region }}", most: 5}\n      runs: 2\n' + TASKS
    )
    text = (
        '"orders_${{ item }}":\n  for_each: [eu, us]\n  template: checked\n  with: {region: "${{ item }}"}\n'
        "  tests:\n    made: {variables: {most: 7}}\n    own: {}\n"
    )
    eu, us = dags_of(repository, text, configs__templates__checked=template)
    made, own = read_tests(us)
    assert (made.id, made.variables, made.runs) == ("orders_us::made", {"region": "us", "most": 7}, 2)
    assert (own.name, own.runs) == ("own", 1)
    assert read_tests(eu)[0].variables == {"region": "eu", "most": 7}
    assert made.place.path == "configs/team/a.yaml"


NONSENSE = """
orders:
  tests:
    5: {}
    text: text
    nothing:
    odd:
      logical_date: soon
      runs: many
      timeout: -1
      params: []
      connections: {a: nonsense, b: [], c: {conn_type: http}, d: [sqlite, mysql, sqlite]}
      given: {a: [], b: {t: [1, x.csv]}}
      expect: {state: maybe, tasks: {load: 5, more: success}, data: [5, {conn_id: a}, {conn_id: a, table: t, rows: x}]}
"""


def test_what_is_nonsense_counts_as_not_written(repository: Make) -> None:
    (dag,) = dags_of(repository, NONSENSE + TASKS)
    nothing, odd = read_tests(dag)
    assert (nothing.name, nothing.connections, nothing.data) == ("nothing", {}, ())
    assert (odd.logical_date, odd.runs, odd.timeout, odd.params, odd.state) == (None, 1, 120, {}, "success")
    assert odd.connections == {
        "a": ("sqlite",), "b": ("sqlite",), "c": ({"conn_type": "http"},), "d": ("sqlite", "mysql"),
    }  # fmt: skip
    assert (odd.given, odd.tasks) == ({"a": {}, "b": {"t": ("x.csv",)}}, {"more": "success"})
    assert [(each.what, each.rows) for each in odd.data] == [("t", None)]


def test_a_list_of_kinds_is_a_test_for_each_choice(repository: Make) -> None:
    text = "orders:\n  tests:\n    t: {connections: {a: [sqlite, mysql], b: folder, c: [sqlite, postgres]}}\n" + TASKS
    (dag,) = dags_of(repository, text)
    found = variants(read_tests(dag)[0])
    assert [test.name for _, test in found] == [
        "t[a=sqlite,c=sqlite]", "t[a=sqlite,c=postgres]", "t[a=mysql,c=sqlite]", "t[a=mysql,c=postgres]",
    ]  # fmt: skip
    choice, last = found[-1]
    assert choice == {"a": "mysql", "c": "postgres"}
    assert last.connections == {"a": ("mysql",), "b": ("folder",), "c": ("postgres",)}
    assert last.route == ("tests", "t")
    assert last == read_tests(dag)[0].chosen(choice)


def test_choices_without_number_are_not_all_made(repository: Make) -> None:
    kinds = ", ".join(f"c{i}: [sqlite, postgres, mysql, folder]" for i in range(30))
    (dag,) = dags_of(repository, f"orders:\n  tests:\n    t: {{connections: {{{kinds}}}}}\n{TASKS}")
    assert len(variants(read_tests(dag)[0])) == MOST_VARIANTS


def test_a_test_without_a_choice_is_itself(repository: Make) -> None:
    (dag,) = dags_of(repository, "orders:\n  tests:\n    t: {connections: {a: sqlite}}\n" + TASKS)
    test: PipelineTest = read_tests(dag)[0]
    assert variants(test) == [({}, test)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-02", datetime(2026, 11, 2, tzinfo=UTC)),
        ("2026-11-02T10:30:00", datetime(2026, 11, 2, 10, 30, tzinfo=UTC)),
        ("2026-11-02T10:30:00+01:00", datetime(2026, 11, 2, 10, 30, tzinfo=timezone(timedelta(hours=1)))),
        (datetime(2026, 11, 2), datetime(2026, 11, 2, tzinfo=UTC)),  # noqa: DTZ001 - as YAML gives it
        ("2 days", None),
        (5, None),
        (None, None),
    ],
)
def test_dates(value: object, expected: datetime | None) -> None:
    assert moment(value) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [(5, (5, 5)), ([1, None], (1, None)), ([None, 2], (None, 2)), ([1], None), ([1, "x"], None), (True, None)],
)
def test_bounds(rows: object, expected: object) -> None:
    assert bounds(rows) == expected
