"""A plan for a terminal."""

from typing import Any

import pytest

from mergeflow.plan import ABSENT, Consequence, DagChange, FieldChange, Kind, Level, NodeChange, Plan
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


def changed_alike(many: int, *values: Any) -> Plan:
    """A default that changes at many DAGs, to the values in turn."""
    through = "configs/defaults.yml:1"
    return Plan(
        tuple(
            DagChange(
                Kind.CHANGED, f"dag_{number:05}", "p", (FieldChange("x", 1, values[number % len(values)], through),),
                indirect=True, through=(through,),
            )
            for number in range(many)
        )
    )  # fmt: skip


def test_every_dag_that_a_default_reaches_is_listed() -> None:
    lines = render(changed_alike(300, 2), "main", "head").splitlines()
    assert "  » 300 DAGs  x: 1 → 2, through configs/defaults.yml:1" in lines
    assert all(f"dag_{number:05}" in "\n".join(lines) for number in range(300))
    assert max(map(len, lines)) <= 120
    assert lines[-3] == "    ~ x: 1 → 2    through configs/defaults.yml:1"


def test_what_differs_among_dags_that_change_alike_is_shown_for_one() -> None:
    text = render(changed_alike(6, 2, 3), "main", "head")
    assert "    in dag_00000, for one:\n    ~ x: 1 → 2    through configs/defaults.yml:1\n" in text


def test_beyond_a_thousand_dags_the_rest_are_counted() -> None:
    text = render(changed_alike(1234, 2), "main", "head")
    assert "dag_00999 and 234 more\n" in text.replace("\n  more", " more")


def test_a_long_consequence_is_broken_between_words() -> None:
    text = "what data must be like changes: + expect_this (column: id), - expect_that (column: id), - expect_more of it"
    rows = Plan(consequences=(Consequence("expectations", Level.ATTENTION, text, ("orders",), "validators/a.yaml"),))
    lines = render(rows, "main", "head").splitlines()[3:-2]
    assert [line[12:] for line in lines] == [
        "what data must be like changes: + expect_this (column: id), - expect_that (column: id), - expect_more of it",
        "validators/a.yaml",
    ]
    long = Plan(consequences=(Consequence("downstream", Level.NOTICE, "reaches others", ("x" * 60,)),))
    assert render(long, "main", "head").splitlines()[3:5] == [f"  · {'x' * 60}", "      reaches others"]
