"""The small interpolator that stands in for Compose when the deployment is tested without it."""

import pytest

from tests.deployment.interpolation import MissingVariableError, Variable, interpolate, variables


@pytest.mark.parametrize("text", ["${}", "${V", "${1V}", "${V:+other}", "${V:-${W}}", "costs $", "$1"])
def test_syntax_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a variable"):
        interpolate(text, {"V": "1", "W": "2"})


@pytest.mark.parametrize("settings", [{}, {"V": ""}])
def test_a_required_variable_that_is_absent_or_empty_is_refused_with_its_message(
    settings: dict[str, str],
) -> None:
    with pytest.raises(MissingVariableError, match="V: see the docs"):
        interpolate({"key": ["${V:?see the docs}"]}, settings)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$V-${V}", "1-1"),
        ("${ABSENT}", ""),
        ("${V:-2}${ABSENT:-2}${EMPTY:-3}", "123"),
        ("${V:?message}", "1"),
        ("http://${ABSENT:-http://127.0.0.1:8080/a}/", "http://http://127.0.0.1:8080/a/"),
        ("$$V $${V}", "$V ${V}"),
    ],
)
def test_a_variable_is_replaced_by_its_value_or_its_default(text: str, expected: str) -> None:
    assert interpolate(text, {"V": "1", "EMPTY": ""}) == expected


def test_keys_and_other_types_are_left_alone() -> None:
    assert interpolate({"$V": [1, None, True, "$V"]}, {"V": "1"}) == {"$V": [1, None, True, "1"]}


def test_variables_are_listed_with_their_default_or_message() -> None:
    tree = {"a": ["${V:-}", "$$X"], "b": "${W:?why} $Z"}
    assert list(variables(tree)) == [Variable("V", default=""), Variable("W", message="why"), Variable("Z")]
