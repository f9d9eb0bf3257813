"""The difference of two compiled projects, value by value."""

import math
from typing import Any

import pytest

from mergeflow.compiler import CompiledDag
from mergeflow.plan import ABSENT, FieldChange, Kind, diff


def compiled(**config: Any) -> list[CompiledDag]:
    return [CompiledDag("orders", "configs/team/a.yaml", {"tasks": {}} | config, "")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        *[(1, True), (0, False), (1, 1.0), ("1", 1), (None, ""), ([], {}), ([1, 2], [2, 1])],
        *[([1], [True]), ({"a": 1}, {})],
    ],
)
def test_another_value_is_a_change_however_like_python_takes_it(before: Any, after: Any) -> None:
    (change,) = diff(compiled(x=before), compiled(x=after)).changes
    assert change.fields == (FieldChange("x", before, after),)


@pytest.mark.parametrize(
    ("before", "after"), [({"a": 1, "b": 2}, {"b": 2, "a": 1}), (math.nan, math.nan), ([math.nan], [math.nan])]
)
def test_the_same_value_is_none(before: Any, after: Any) -> None:
    assert diff(compiled(x=before), compiled(x=after)).changes == ()


def test_a_key_that_is_set_to_nothing_differs_from_one_that_is_not_set() -> None:
    (change,) = diff(compiled(), compiled(schedule=None)).changes
    assert change.fields == (FieldChange("schedule", ABSENT, None),)


def test_groups_are_told_from_tasks() -> None:
    (change,) = diff(compiled(), compiled(task_groups=[{"group_name": "etl"}], tasks={"etl": {}})).changes
    assert [(each.kind, each.noun, each.name) for each in change.nodes] == [
        (Kind.ADDED, "task", "etl"),
        (Kind.ADDED, "task group", "etl"),
    ]


def test_a_dag_that_moves_to_another_file_changes_nothing_else() -> None:
    moved = [CompiledDag("orders", "configs/team/b.yaml", {"tasks": {}}, "other")]
    (change,) = diff(compiled(), moved).changes
    assert (change.was_in, change.path, change.fields) == ("configs/team/a.yaml", "configs/team/b.yaml", ())
    assert not change.moves_to_another_team


def test_mappings_on_both_sides_are_looked_into() -> None:
    (change,) = diff(compiled(x={"a": 0, "b": 1}), compiled(x={"a": False, "b": 1})).changes
    assert change.fields == (FieldChange("x.a", 0, after=False),)


def test_what_a_type_builds_is_one_value() -> None:
    old, new = ({"__type__": "datetime.timedelta", "hours": each} for each in (1, 2))
    (change,) = diff(compiled(x=old), compiled(x=new)).changes
    assert change.fields == (FieldChange("x", old, new),)


@pytest.mark.parametrize(("key", "secret"), [("password", "hunter2hunter"), ("uri", "postgresql://me:hunter2@shop/db")])
def test_no_secret_is_in_a_plan(key: str, secret: str) -> None:
    for old, new in ((secret, ABSENT), (ABSENT, secret), (secret, "{{ var.value.x }}")):
        sides = (compiled(env=[] if each is ABSENT else [{key: each}]) for each in (old, new))
        (change,) = diff(*sides).changes
        assert secret not in repr(change.fields)
        assert "{{" not in str(new) or "{{" in repr(change.fields)


def dag(dag_id: str, **tasks: Any) -> CompiledDag:
    return CompiledDag(dag_id, "configs/team/a.yaml", {"tasks": tasks, "schedule": "@daily"}, "")


def test_a_dag_with_all_that_another_had_is_renamed() -> None:
    (change,) = diff([dag("old", a={}, b={"x": 1})], [dag("new", a={}, b={"x": 1})]).changes
    assert (change.kind, change.dag_id, change.was, change.nodes) == (Kind.RENAMED, "new", "old", ())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([dag("old", a={})], [dag("new", a={"x": 1})]),
        ([dag("old", a={}), dag("older", a={})], [dag("new", a={})]),
        ([dag("old", a={})], [dag("new", a={}), dag("newer", a={})]),
        ([dag("old")], [dag("new")]),
        ([dag("old", a={})], [dag("old", a={}), dag("new", a={})]),
    ],
    ids=["other content", "two are gone", "two have come", "no tasks", "a copy"],
)
def test_what_may_be_another_dag_is_not_renamed(before: list[CompiledDag], after: list[CompiledDag]) -> None:
    assert not any(each.kind is Kind.RENAMED for each in diff(before, after).changes)


def nodes(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str]]:
    (change,) = diff([dag("orders", **before)], [dag("orders", **after)]).changes
    return [(str(each.kind), each.was, each.name) for each in change.nodes]


def test_a_task_with_config_and_edges_of_another_is_renamed_and_nothing_else_changes() -> None:
    before = {"a": {}, "b": {"x": 1, "dependencies": ["a"]}, "c": {"dependencies": ["b"]}}
    after = {"a": {}, "z": {"x": 1, "dependencies": ["a"]}, "c": {"dependencies": ["z"]}}
    assert nodes(before, after) == [("renamed", "b", "z")]


def test_tasks_renamed_in_a_chain() -> None:
    before = {"a": {"x": 1}, "b": {"x": 2, "dependencies": ["a"]}}
    after = {"c": {"x": 1}, "d": {"x": 2, "dependencies": ["c"]}}
    assert nodes(before, after) == [("renamed", "a", "c"), ("renamed", "b", "d")]


def test_a_task_with_other_edges_is_another_task() -> None:
    before = {"a": {}, "b": {"x": 1, "dependencies": ["a"]}, "c": {"dependencies": ["b"]}}
    after = {"a": {}, "z": {"x": 1, "dependencies": ["a"]}, "c": {}}
    assert nodes(before, after) == [("removed", "", "b"), ("changed", "", "c"), ("added", "", "z")]


def test_taking_a_result_is_an_edge_of_the_graph() -> None:
    tasks = {"list": {"decorator": "airflow.sdk.task"}, "count": {"operator": "a.B", "expand": {"x": "load.output"}}}
    load = {"decorator": "airflow.sdk.task", "expand": {"x": "+list"}}
    (change,) = diff(compiled(tasks=tasks), compiled(tasks=tasks | {"load": load})).changes
    assert change.graph
    assert change.graph.edges == {("list", "load"): "added", ("load", "count"): "same"}
