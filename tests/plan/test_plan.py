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
        *[([1], [True]), ({"a": 0}, {"a": False}), ({"a": 1}, {})],
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


def test_a_dag_that_moves_to_another_file_does_not_change() -> None:
    moved = [CompiledDag("orders", "configs/team/b.yaml", {"tasks": {}}, "other")]
    assert diff(compiled(), moved).changes == ()
