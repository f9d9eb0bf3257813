"""A plain value fits a type only where Python would take it; in doubt it fits."""

from datetime import date
from typing import Any

import pytest

from mergeflow.catalog.entries import Parameter, read_parameter, write_parameter
from mergeflow.catalog.types import fits, spell


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("bool", "false"),
        ("bool", 0),
        ("int", True),
        ("int", "5"),
        ("int", 1.5),
        ("float", "1.5"),
        ("str", 5),
        ("str", True),
        ("str", date(2024, 1, 1)),
        ("str", ["a"]),
        ("str", {"a": "b"}),
        ("str", None),
        ("list", "a"),
        ("list", {"a": 1}),
        ("dict", ["a"]),
        ("dict", "a"),
        ("'poke'|'reschedule'", "pook"),
        ("'poke'|'reschedule'", 5),
        ("str|list|None", 5),
        ("timedelta|float|None", "60"),
        ("int", "{{ params.n }}"),
        ("dict", "+ extract"),
        ("dict", "+"),
    ],
)
def test_a_value_of_another_type_does_not_fit(type_: str, value: Any) -> None:
    assert not fits(value, Parameter(type_))


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("bool", True),
        ("int", 5),
        ("float", 5),
        ("float", 1.5),
        ("str", ""),
        ("list", []),
        ("dict", {}),
        ("str|None", None),
        ("str|list", ["a"]),
        ("'poke'|'reschedule'", "poke"),
        ("timedelta", "an hour"),
        ("timedelta|float|str", "an hour"),
        ("timedelta|float", {"__type__": "datetime.timedelta"}),
        ("Callable", "package.module.function"),
        ("Any", object()),
        ("str", {"__join__": ["a", "b"]}),
        ("int", {"__type__": "builtins.int"}),
        ("list", {"__or__": []}),
        ("dict", "+extract"),
        ("dict", '+extract["key"]'),
    ],
)
def test_a_value_that_may_be_given_fits(type_: str, value: Any) -> None:
    assert fits(value, Parameter(type_))


def test_jinja_fits_a_template_field_only() -> None:
    assert fits("{{ params.n }}", Parameter("dict", template=True))
    assert fits("{% if x %}1{% endif %}", Parameter("dict", template=True))
    assert not fits("{{ params.n }}", Parameter("dict"))
    assert not fits("no Jinja", Parameter("dict", template=True))


def test_nothing_fits_where_there_is_a_default() -> None:
    assert fits(None, Parameter("bool", default="false"))
    assert not fits(None, Parameter("bool"))


@pytest.mark.parametrize(
    ("type_", "words"),
    [
        ("str", "text"),
        ("str|list|None", "text or a list"),
        ("int|float", "a number"),
        ("'a'|'b'|dict", "`a`, `b` or a mapping"),
    ],
)
def test_a_type_is_told_in_words(type_: str, words: str) -> None:
    assert spell(type_) == words


@pytest.mark.parametrize(
    "parameter",
    [
        Parameter("str"),
        Parameter("str|None", "null", template=True, description="Where the script runs"),
        Parameter("str", '"a = b"', description="as in x = 1"),
        Parameter("'a'|'b'", '"a"'),
        Parameter("Callable", "..."),
    ],
)
def test_a_parameter_is_read_as_it_was_written(parameter: Parameter) -> None:
    assert read_parameter(write_parameter(parameter)) == parameter
