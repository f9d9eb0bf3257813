"""From pydantic's errors to one problem per cause."""

import pytest

from mergeflow.diagnostic import Place, Problem
from mergeflow.model import MOST_WORDS, SHAPES, kind_of, near, nearest, shape_problems

HERE = Place("a.yaml", ("orders",))


def problems(model: str, data: object) -> list[Problem]:
    return shape_problems(model, data, HERE, "it")


@pytest.mark.parametrize("model", SHAPES)
@pytest.mark.parametrize("data", [None, 5, "text", [], True, 1.5])
def test_what_is_no_mapping_is_one_problem(model: str, data: object) -> None:
    (found,) = problems(model, data)
    assert (found.rule, found.place) == ("wrong-type", HERE)


@pytest.mark.parametrize("key", sorted(SHAPES["Task"].keys))
@pytest.mark.parametrize("value", [{"a": object()}, [{}], object(), 5, "x", None])
def test_one_value_is_never_two_problems(key: str, value: object) -> None:
    found = problems("Task", {key: value})
    assert len(found) <= 1
    assert all(each.place.route[:2] == ("orders", key) for each in found)


@pytest.mark.parametrize("key", sorted(SHAPES["Dag"].keys))
@pytest.mark.parametrize("built", ["__type__", "__and__", "__or__", "__join__"])
def test_what_dag_factory_builds_may_stand_anywhere(key: str, built: str) -> None:
    assert problems("Dag", {key: {built: "x"}}) == []


def test_the_route_leads_to_the_element_that_is_wrong() -> None:
    (found,) = problems("Task", {"variables_as_arguments": [{"variable": "a"}, {"variable": 5}]})
    assert found.place.route == ("orders", "variables_as_arguments", 1, "variable")
    assert found.message == "`variables_as_arguments[1].variable` in it must be text, not a number"


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        ({"retries": "3"}, "write it without quotes"),
        ({"retries": "three"}, ""),
        ({"retries": "{{ var.value.n }}"}, ""),
        ({"retries": True}, ""),
        ({"retries": 1.5}, ""),
        ({"retry_delay": "1.5"}, "write it without quotes"),
        ({"depends_on_past": "yes"}, "write it without quotes"),
        ({"depends_on_past": 1}, ""),
        ({"queue": 5}, "put it in quotes"),
        ({"queue": []}, ""),
        ({"dependencies": "a"}, "write [a, b], also for a single one"),
        ({"execution_timeout": 5}, "write {__type__: datetime.timedelta, seconds: 90}"),
    ],
)
def test_a_hint_says_only_what_helps(data: dict[str, object], hint: str) -> None:
    (found,) = problems("Task", data)
    assert found.hint == hint


@pytest.mark.parametrize(
    ("word", "expected"),
    [("retires", "retries"), ("elt", "etl"), ("e", ""), ("colour", ""), ("etl", ""), ("x" * 101, "")],
)
def test_a_near_word_is_one_that_a_finger_slips_from(word: str, expected: str) -> None:
    assert nearest(word, ["retries", "etl", "x" * 100], but=word) == expected
    assert near(word, ["retries", "etl", "x" * 100], but=word) == (f"did you mean `{expected}`?" if expected else "")


def test_among_very_many_words_nobody_is_told_which_is_near() -> None:
    assert nearest("retires", ["retries"] * MOST_WORDS) == "retries"
    assert nearest("retires", ["retries"] * (MOST_WORDS + 1)) == ""


def test_kinds_are_named_as_people_name_them() -> None:
    from datetime import date, datetime

    values = [None, True, False, "a", 1, 1.5, {}, [], date.min, datetime.min]  # noqa: DTZ901 - only its type matters
    kinds = ["empty", "true", "false", "text", "a number", "a number", "a mapping", "a list", "a date", "a date"]
    assert [kind_of(each) for each in values] == kinds
