"""A drawn graph says what waits for what, and nothing else: whoever follows its lines finds every dependency again."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergeflow.render.rails import APART, TASK, Row, drawn, in_order

NAMES = [f"t{number}" for number in range(12)]
Graph = dict[str, list[str]]
GRAPHS = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=6, unique=True))


def rows_of(waits: Graph, most: int = 20, boxes: dict[str, tuple[str, ...]] | None = None) -> list[Row]:
    return list(drawn(in_order(waits, boxes or {}), waits, most))


def read(rows: Iterable[Row]) -> Graph:
    """What each task waits for, by the lines and by the names beside them."""
    lines: dict[int, str] = {}
    found: Graph = {}
    for row in rows:
        cells, above = (dict(enumerate(text[::2])) for text in (row.rails, row.above))
        joints = dict(enumerate(row.rails[1::2]))
        at = next(i for i, sign in cells.items() if sign in (TASK, APART))
        lines = {i: name for i, name in lines.items() if cells.get(i, " ") not in " ─"}
        assert {i for i, sign in above.items() if sign == "│"} >= lines.keys()
        reached = [at, *_along(at, 1, joints), *_along(at, -1, joints)]
        joined = [i for i in reached if i in lines and (i == at or cells[i] in "├┼┤╰┴╯")]
        found[row.task] = [*(lines[i] for i in joined), *row.unseen]
        lines = {i: name for i, name in lines.items() if cells[i] not in "╰┴╯"}
        lines.pop(at, None)
        lines |= {at: row.task} if cells[at] == TASK else {}
    return found


def _along(at: int, step: int, joints: dict[int, str]) -> Iterable[int]:
    """The columns that a level line leads to from a task, one side after the other."""
    while joints.get(at if step > 0 else at - 1) == "─":
        at += step
        yield at


@given(GRAPHS, st.integers(1, 20))
def test_every_dependency_is_found_again(waits: Graph, most: int) -> None:
    found = read(rows_of(waits, most))
    assert {name: sorted(listed) for name, listed in found.items()} == {n: sorted(w) for n, w in waits.items()}


@given(GRAPHS)
def test_what_is_no_circle_needs_no_names(waits: Graph) -> None:
    whole = {name: [each for each in listed if each < name and each in waits] for name, listed in waits.items()}
    assert not any(row.unseen for row in rows_of(whole))


@given(GRAPHS, st.integers(1, 6))
def test_no_drawing_is_wider_than_its_lines(waits: Graph, most: int) -> None:
    assert all(len(row.rails) <= 2 * most + 1 for row in rows_of(waits, most))


@given(GRAPHS, st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from("gh"), unique=True).map(tuple)))
def test_every_task_is_drawn_once_below_what_it_waits_for(waits: Graph, boxes: dict[str, tuple[str, ...]]) -> None:
    whole = {name: [each for each in listed if each < name] for name, listed in waits.items()}
    order = in_order(whole, boxes)
    assert sorted(order) == sorted(whole)
    assert all(
        order.index(each) < order.index(name) for name, listed in whole.items() for each in listed if each in whole
    )


@pytest.mark.parametrize(
    ("waits", "expected"),
    [
        ({"a": [], "b": ["a"], "c": ["b"]}, "● ● ●"),
        ({"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"]}, "● / ├─● / ● │ / ●─╯"),
        ({"a": [], "b": [], "c": []}, "● /   ● / ●"),
        ({"a": [], "b": ["a"], "c": ["a"], "d": ["a", "b", "c"]}, "● / ├─● / ├─│─● / ●─┴─╯"),
        ({"a": [], "b": [], "c": ["a", "b"], "d": ["a", "c"]}, "● / │ ● / ├─● / ●─╯"),
        ({"a": ["b"], "b": ["a"]}, "● / ●"),
    ],
)
def test_how_it_looks(waits: Graph, expected: str) -> None:
    expected = expected if "/" in expected else " / ".join(expected.split())
    assert " / ".join(row.rails for row in rows_of(waits)) == expected


def test_a_group_is_drawn_in_one_piece() -> None:
    waits = {"start": [], "a": ["start"], "x": ["start"], "b": ["a"], "y": ["x"]}
    order = in_order(waits, {"x": ("group",), "b": (), "y": ("group",)})
    assert abs(order.index("x") - order.index("y")) == 1
