"""A plan for a terminal."""

from typing import Any

import pytest

from mergeflow.plan import ABSENT, DagChange, FieldChange, Kind, NodeChange, Plan
from mergeflow.render.plan import render

EVIL = "\x1b[2J\n\r\u202e\u2028\x9b\udc80"


def test_nothing_of_a_config_moves_the_cursor() -> None:
    field = FieldChange(EVIL, {EVIL: [EVIL]}, EVIL)
    node = NodeChange(Kind.CHANGED, "task", EVIL, (field,))
    shown = render(Plan((DagChange(Kind.CHANGED, EVIL, EVIL, (field,), (node,)),)), "main", "head")
    assert all(char.isprintable() for char in shown.replace("\n", ""))
    assert shown.count("\n") == 7


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (ABSENT, "(not set)"),
        (None, "null"),
        (True, "true"),
        ("true", "'true'"),
        (1, "1"),
        ("1", "'1'"),
        ("text", "text"),
        ({"a": [1, "b"]}, "{a: [1, b]}"),
        ("é 注", "é 注"),
    ],
)
def test_a_value_is_written_as_in_yaml(value: Any, expected: str) -> None:
    shown = render(Plan((DagChange(Kind.CHANGED, "a", "p", (FieldChange("x", value, value),)),)), "main", "head")
    assert f"    ~ x: {expected} → {expected}\n" in shown


def test_a_shared_value_is_written_out() -> None:
    shared = {"a": 1}
    change = DagChange(Kind.CHANGED, "a", "p", (FieldChange("x", [shared, shared], ABSENT),))
    assert "x: [{a: 1}, {a: 1}] → (not set)" in render(Plan((change,)), "main", "head")


def test_color_changes_nothing_but_color() -> None:
    plan = Plan(tuple(DagChange(kind, kind.value, "p") for kind in Kind))
    painted = render(plan, "main", "head", color=True)
    assert "\x1b[32m+ added" in painted
    for code in (0, 1, 31, 32, 33):
        painted = painted.replace(f"\x1b[{code}m", "")
    assert painted == render(plan, "main", "head")
