"""Expressions look values up, keep their types, and say what they cannot find."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergeflow.expressions import Fault, expressions_of, has_expression, resolve

SCOPE = {
    "item": {"id": 7, "name": "orders", "columns": ["a", {"b": 2}], "on": True, "none": None, "day": date(2024, 2, 29)},
    "params": {"rate": 0.5},
}


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("${{ itm.id }}", "nothing is called `itm` here", "did you mean `item`?"),
        (
            "${{ ds }}",
            "nothing is called `ds` here",
            "there is `item`, `params`; Airflow's own templates are `{{ … }}`, without the `$`",
        ),
        ("${{ item.nam }}", "`item` has no `nam`", "did you mean `name`?"),
        ("${{ params.x }}", "`params` has no `x`", "there is `rate`"),
        ("${{ item.id.x }}", "`item.id` is a number, and has no `x`", ""),
        ("${{ item.columns[2] }}", "`item.columns` has 2 entries, and no `[2]`", ""),
        ("${{ item.columns.b }}", "`item.columns` is a list, and has no `b`", ""),
        ("${{ }}", "`` is no expression", "name one value, such as `params.table` or `item.columns[0]`"),
        ("${{ 1 + 1 }}", "`1 + 1` is no expression", "name one value, such as `params.table` or `item.columns[0]`"),
        ("${{ item.id | upper }}", "`item.id | upper` is no expression", None),
        ("${{ item['id'] }}", "`item['id']` is no expression", None),
        ("${{ __import__('os') }}", "`__import__('os')` is no expression", None),
        ("${{ item.__class__ }}", "`item` has no `__class__`", None),
        ("${{ item.id", "this expression is never closed", "close it with `}}`, or write `$${{` for a plain `${{`"),
        ("${{ ${{ item.id }}", "this expression is never closed", None),
        ("a ${{ item.columns }}", "`item.columns` is a list, which cannot stand within a text", None),
        ("a ${{ item.none }}", "`item.none` is empty, which cannot stand within a text", "let it be the whole value"),
    ],
)
def test_what_leads_nowhere_is_named(text: str, message: str, hint: str | None) -> None:
    data, (fault,) = resolve({"a": [text]}, SCOPE)
    assert (fault.route, fault.message) == (("a", 0), message)
    assert hint is None or fault.hint == hint
    assert data == {"a": [text]}


def test_a_key_holds_no_expression() -> None:
    _, faults = resolve({"tasks": {"load_${{ item.id }}": {}}}, SCOPE)
    message = "an expression cannot stand in a key, save in a DAG's own"
    assert faults == [Fault(("tasks", "load_${{ item.id }}"), message, "write the key out")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${{ item.id }}", 7),
        ("${{item.id}}", 7),
        ("${{ item.on }}", True),
        ("${{ item.none }}", None),
        ("${{ item.columns }}", ["a", {"b": 2}]),
        ("${{ item.columns[1].b }}", 2),
        ("${{ item.day }}", date(2024, 2, 29)),
        ("simulator_${{ item.id }}_dag", "simulator_7_dag"),
        ("${{ item.id }}${{ params.rate }}", "70.5"),
        ("${{ item.on }}!", "true!"),
        ("since ${{ item.day }}", "since 2024-02-29"),
        ("$${{ item.id }}", "${{ item.id }}"),
        ("$${{ a }} ${{ item.id }}", "${{ a }} 7"),
        ("{{ ds }} ${HOME} $x", "{{ ds }} ${HOME} $x"),
        ("{{ ds }} ${{ item.name }}", "{{ ds }} orders"),
    ],
)
def test_a_value_keeps_its_type_unless_it_stands_within_a_text(text: str, value: Any) -> None:
    data, faults = resolve(text, SCOPE)
    assert faults == []
    assert (data, type(data)) == (value, type(value))


def test_what_holds_no_expression_is_not_copied() -> None:
    data = {"a": {"b": ["c", 1]}, "d": "${{ item.id }}"}
    resolved, _ = resolve(data, SCOPE)
    assert resolved["a"] is data["a"]
    assert data["d"] == "${{ item.id }}"


def test_expressions_are_listed_without_being_resolved() -> None:
    data = {"a": ["${{ params.x }} ${{ item.y }}", {"b": "$${{ no }}"}], "c": 1}
    assert list(expressions_of(data)) == ["params.x", "item.y"]


@given(st.text(alphabet="${}a.[]01 itemid", max_size=30))
def test_any_text_is_resolved_or_named(text: str) -> None:
    data, faults = resolve(text, SCOPE)
    assert len(faults) <= 1
    assert has_expression(text) or (data is text and not faults)


@given(st.text(alphabet="ab {}$", max_size=20))
def test_an_escaped_text_comes_back(text: str) -> None:
    if "${{" not in text and not text.endswith("$"):
        data, faults = resolve(f"{text}$${{{{", SCOPE)
        assert (data, faults) == (text + "${{", [])
