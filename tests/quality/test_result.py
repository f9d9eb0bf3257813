"""What is told of a suite's outcomes is short, whatever the data is."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from mergeflow.quality.outcome import LONGEST_TEXT, Example, Outcome, Status, plain, spell
from mergeflow.quality.result import MOST_OUTCOMES, Result
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


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("nan"), None),
        (float("inf"), "inf"),
        (Decimal("5.50"), 5.5),
        (Decimal(7), 7),
        (Decimal("NaN"), None),
        (datetime(2026, 1, 2, 3, tzinfo=UTC), "2026-01-02 03:00:00+00:00"),
        ((1, None, {"a": Decimal("0.5")}), [1, None, {"a": 0.5}]),
        ({1: b"x"}, {"1": "b'x'"}),
        (True, True),
    ],
)
def test_a_value_is_what_json_has_for_it(value: object, expected: object) -> None:
    assert plain(value) == expected
    json.dumps(plain(value), allow_nan=False)


@pytest.mark.parametrize("value", ["x" * 10**5, ["y"] * 10**5, {str(i): i for i in range(10**4)}])
def test_what_is_kept_of_a_huge_value_is_small(value: object) -> None:
    assert len(json.dumps(plain(value))) < 2000


def test_the_document_is_plain_json_with_everything_in_it() -> None:
    wanted = Expectation(
        "expect_column_values_to_be_between", {"column": "n", "max_value": date(2026, 1, 1)}, "warning"
    )
    seen = Outcome(wanted, "failed", "1 of 9", unexpected=1, total=9, examples=(Example(11, {"id": 7}),))
    document = Result("team/a", "table `t`", (seen,)).document()
    assert json.loads(json.dumps(document, allow_nan=False)) == {
        "version": 1,
        "suite": "team/a",
        "data": "table `t`",
        "success": True,
        "outcomes": [
            {
                "expectation": "expect_column_values_to_be_between",
                "parameters": {"column": "n", "max_value": "2026-01-01"},
                "column": "n",
                "severity": "warning",
                "status": "failed",
                "found": "1 of 9",
                "observed": None,
                "unexpected": 1,
                "total": 9,
                "examples": [{"value": 11, "key": {"id": 7}}],
            }
        ],
    }
