"""What is told of a suite's outcomes is short, whatever the data is."""

import pytest

from mergeflow.quality.result import (
    LONGEST_TEXT,
    MOST_EXAMPLES,
    MOST_OUTCOMES,
    Outcome,
    Result,
    Status,
    examples,
    spell,
)
from mergeflow.quality.suite import Expectation, Severity


def outcome(severity: Severity, status: Status, found: str = "") -> Outcome:
    return Outcome(Expectation("expect_column_to_exist", {"column": "id"}, severity), status, found)


def test_what_holds_is_one_line() -> None:
    assert str(Result("team/a", "table `t`", (outcome("critical", "passed"),) * 2)) == (
        "suite `team/a`: all 2 expectations hold on table `t`"
    )
    assert str(Result("team/a", "table `t`", (outcome("critical", "passed"),))) == (
        "suite `team/a`: its one expectation holds on table `t`"
    )


@pytest.mark.parametrize(
    ("severity", "status", "stops"),
    [
        ("critical", "failed", True),
        ("critical", "error", True),
        ("critical", "passed", False),
        ("warning", "failed", False),
        ("warning", "error", False),
    ],
)
def test_only_what_is_critical_stops(severity: Severity, status: Status, stops: bool) -> None:  # noqa: FBT001
    result = Result("team/a", "table `t`", (outcome(severity, status),))
    assert bool(result.stopping) is stops
    assert bool(result.reported) is (not stops and status != "passed")
    assert result.summary()["success"] is not stops


def test_critical_ones_come_first() -> None:
    result = Result("team/a", "table `t`", (outcome("warning", "failed", "a"), outcome("critical", "failed", "b")))
    assert [line.strip().partition(":")[0] for line in str(result).splitlines()[1:]] == ["critical", "warning"]


def test_a_thousand_broken_expectations_are_counted_and_the_first_are_named() -> None:
    result = Result("team/a", "table `t`", (outcome("critical", "failed", "observed 1"),) * 1000)
    lines = str(result).splitlines()
    assert lines[0] == "suite `team/a`: 1000 of 1000 expectations are broken on table `t`"
    assert len(lines) == MOST_OUTCOMES + 2
    assert lines[-1].strip() == f"and {1000 - MOST_OUTCOMES} more"
    assert len(result.summary()["broken"]) == MOST_OUTCOMES


@pytest.mark.parametrize("value", ["x" * 5000, ["y" * 5000], {"z": list(range(5000))}, "a\nb" * 1000, b"\xff" * 5000])
def test_a_long_value_is_cut_to_one_line(value: object) -> None:
    assert len(spell(value)) == LONGEST_TEXT
    assert "\n" not in spell(value)


def test_only_a_few_values_are_shown() -> None:
    assert examples(list(range(100)), [{"id": each} for each in range(3)]) == "0 (id 0), 1 (id 1), 2 (id 2), 3, 4"
    assert MOST_EXAMPLES == 5
