"""Diagnostics in order: each cause once."""

from random import Random

from mergeflow.diagnostic import Diagnostic, in_order
from mergeflow.source import Location, Position, Span


def at(path: str, line: int, column: int, message: str, hint: str = "") -> Diagnostic:
    return Diagnostic(
        Location(path, Span(Position(line, column), Position(line, column + 1))), "rule", message, hint=hint
    )


def test_one_place_with_one_remedy_is_one_diagnostic() -> None:
    assert in_order([at("a", 1, 1, "task `y`", "h"), at("a", 1, 1, "task `x`", "h")]) == (
        at("a", 1, 1, "task `x`", "h"),
    )


def test_one_place_with_two_remedies_is_two() -> None:
    both = (at("a", 1, 1, "lacks `x`", "add `x`"), at("a", 1, 1, "lacks `y`", "add `y`"))
    assert in_order(both) == both


def test_they_come_by_path_line_and_column_whatever_order_they_were_found_in() -> None:
    right = [at(path, line, column, "m") for path in ("a", "b") for line in (2, 10) for column in (3, 20)]
    found = list(right)
    for seed in range(5):
        Random(seed).shuffle(found)
        assert list(in_order(found)) == right
