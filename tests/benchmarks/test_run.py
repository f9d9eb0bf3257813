"""What a run asks for, and what is left of it when something fails."""

from pathlib import Path

import pytest

from tests.benchmarks import run
from tests.benchmarks.contenders import ContenderError
from tests.benchmarks.measurements import Measurement, Plan
from tests.benchmarks.rows import BUILD, BY_HAND, CHECK_FLEET, DAG_FACTORY, LINT, MERGEFLOW, PLAN, ROWS, TASK_START
from tests.benchmarks.samples import Key, Samples, load

QUICK = Plan(ROWS, (300,), 300, 5, quick=True)


def samples(tmp_path: Path) -> Samples:
    return Samples(tmp_path / "raw.json", facts={"failed": {}})


def go(measurements: list[Measurement], found: Samples) -> None:
    run.go_round(measurements, found, lambda *_: None)


@pytest.mark.parametrize(
    ("row", "contender", "asked"),
    [
        (BUILD.key, MERGEFLOW, True),
        (BUILD.key, BY_HAND, True),
        (CHECK_FLEET.key, LINT, True),
        (TASK_START.key, DAG_FACTORY, True),
        (BUILD.key, "airflow-blueprint", False),
        (BUILD.key, "config_errors.py", False),
        (PLAN.key, MERGEFLOW, False),
        (f"{CHECK_FLEET.key}/peak", MERGEFLOW, False),
    ],
)
def test_the_quick_form_asks_for_what_has_a_bar(row: str, contender: str, asked: bool) -> None:  # noqa: FBT001
    assert QUICK.wants(Key(row, 300, contender)) == asked


def test_one_row_alone_comes_with_its_side_values() -> None:
    plan = Plan((PLAN,), (1000,), 1000, 5)
    assert plan.wants(Key("plan/peak", 1000, MERGEFLOW))
    assert not plan.wants(Key(BUILD.key, 1000, MERGEFLOW))


def counted(name: str, rounds: int, calls: list[str]) -> Measurement:
    def once() -> dict[str, float]:
        calls.append(name)
        return {"": 2.0}

    return Measurement(Key("row", 1, name), rounds, once)


def test_contenders_take_turns(tmp_path: Path) -> None:
    calls: list[str] = []
    go([counted("a", 3, calls), counted("b", 2, calls)], samples(tmp_path))
    assert calls == ["a", "b", "a", "b", "a"]


def test_what_was_measured_is_on_disk_when_a_later_one_fails(tmp_path: Path) -> None:
    def fails() -> dict[str, float]:
        raise ContenderError("it fell over")

    found = samples(tmp_path)
    good, bad = Measurement(Key("row", 1, "good"), 2, lambda: {"": 1.0}), Measurement(Key("row", 1, "bad"), 2, fails)
    go([good, bad], found)
    again = load(found.path)
    assert again.of("row", 1, "good") == [1.0, 1.0]
    assert again.facts["failed"] == {"row, bad, 1 DAGs": "it fell over"}


def test_a_run_that_was_broken_off_goes_on_where_it_was(tmp_path: Path) -> None:
    found = samples(tmp_path)
    found.values[Key("row", 1, "a")] = [1.0, 1.0]
    calls: list[str] = []
    go([counted("a", 3, calls)], found)
    assert (calls, found.of("row", 1, "a")) == (["a"], [1.0, 1.0, 2.0])
