"""Ratios and bars, on made-up samples."""

from pathlib import Path

import pytest

from tests.benchmarks.rows import BUILD, DAG_FACTORY, MERGE, MERGEFLOW, TASK_START, Goal, Row
from tests.benchmarks.samples import Key, Samples
from tests.benchmarks.verdict import flat, interval, past_bar, ratio, verdicts

ROW = Row("row", "a row", (Goal("peer", 0.5, quick=0.6),), at_most=2)
GOAL = ROW.goals[0]


def samples(own: list[float], peer: list[float], row: str = "row", other: str = "peer") -> Samples:
    return Samples(Path("/nowhere"), {Key(row, 100, MERGEFLOW): own, Key(row, 100, other): peer})


def past(own: list[float], peer: list[float]) -> bool:
    return past_bar(samples(own, peer), GOAL, ROW, 100)


def test_a_clear_miss_is_past_the_bar() -> None:
    assert past([0.9, 0.95, 1.0, 0.92, 0.97], [1, 1, 1, 1, 1])


def test_one_slow_round_is_noise() -> None:
    assert not past([0.5, 0.55, 3.0, 0.5, 0.52], [1, 1, 1, 1, 1])


def test_rounds_on_both_sides_of_the_bar_are_no_proof() -> None:
    assert not past([0.58, 0.66, 0.7, 0.55, 0.68], [1, 1, 1, 1, 1])


def test_a_slow_moment_that_hits_both_changes_nothing() -> None:
    assert past([0.9, 9.0, 0.9, 9.0], [1, 10, 1, 10])
    assert not past([0.4, 4.0, 0.4, 4.0], [1, 10, 1, 10])


def test_what_was_not_measured_is_not_past_a_bar_and_meets_no_goal() -> None:
    assert not past([], [])
    assert not past([1.0], [])
    assert [verdict.met for _, verdict in verdicts(samples([], []), 100, [ROW])] == [False, False]


def test_a_row_without_a_bar_is_not_judged_by_the_quick_form() -> None:
    assert not past_bar(samples([9.0] * 5, [1.0] * 5), Goal("peer", 0.5), ROW, 100)


def test_ratio_is_the_median_of_the_rounds_ratios() -> None:
    assert ratio([1, 10, 3], [2, 10, 3]) == 1
    assert ratio([1, 1, 4], [2, 2, 2]) == 0.5


def test_with_different_numbers_of_rounds_it_is_the_ratio_of_the_medians() -> None:
    assert ratio([1, 2, 3, 4, 5], [6]) == 0.5


def test_interval_holds_the_median_and_is_the_same_every_time() -> None:
    values = [1.0, 1.1, 0.9, 1.3, 0.8]
    low, high = interval(values)
    assert min(values) <= low <= 1.0 <= high <= max(values)
    assert interval(values) == (low, high)


@pytest.mark.parametrize(("own", "met"), [([1.0, 1.9, 1.5], True), ([1.0, 2.2, 2.1], False)])
def test_an_absolute_goal_is_the_median(own: list[float], met: bool) -> None:  # noqa: FBT001
    judged = [verdict for _, verdict in verdicts(samples(own, [9, 9, 9]), 100, [ROW])]
    assert [verdict.met for verdict in judged if verdict.peer is None] == [met]


def test_flat_holds_the_slowest_size_against_the_quickest() -> None:
    found = Samples(Path("/nowhere"), {Key(TASK_START.key, dags, MERGEFLOW): [dags / 100] for dags in (100, 120, 160)})
    assert flat(found, (100, 120)).value == pytest.approx(1.2)
    assert flat(found, (100, 120)).met
    assert not flat(found, (100, 160)).met


def test_flat_needs_every_size() -> None:
    found = Samples(Path("/nowhere"), {Key(TASK_START.key, 100, MERGEFLOW): [1.0]})
    assert flat(found, (100, 200)).value is None
    assert not flat(found, (100, 200)).met


def test_rows_have_the_goals_of_the_design() -> None:
    assert {goal.peer: goal.ratio for goal in BUILD.goals} == {DAG_FACTORY: 0.4, "by hand": 1.6}
    assert (MERGE.at_most, MERGE.goals[0].ratio) == (4, 1 / 8)
