"""A graph for a terminal: a task per line, top down, and beside it the lines that lead to it, as `git log --graph` has.

    ●      fetch
    ├─●    clean       waits for fetch
    ├─│─●  count       waits for fetch; crosses the line of clean
    ●─┴─╯  load        waits for what is above it, for clean and for count

A line goes down from a task as long as something below waits for it. So the drawing is as wide as many lines run side
by side, and never as wide as the names of a layer.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

TASK, APART = "●", "○"
"""A task; and one for whose line there is no room, so that what waits for it names it."""

Waits = Mapping[str, Collection[str]]
"""What each task waits for."""


class Row(NamedTuple):
    """One task: the signs on its line, those of a line above it, and what it waits for although no line leads there."""

    task: str
    rails: str
    above: str
    unseen: tuple[str, ...] = ()


def in_order(waits: Waits, boxes: Mapping[str, Sequence[str]]) -> list[str]:
    """The tasks, each below what it waits for; where they run in a circle, one has to be first.

    Those in one box, and then those that wait for the last ones, follow each other as far as can be: so fewer lines run
    side by side. `boxes` are the groups around a task, the outermost first.
    """
    left = {name: {each for each in listed if each in waits and each != name} for name, listed in waits.items()}
    waiting = _waiting(left)
    place = {name: i for i, name in enumerate(left)}
    ready = dict.fromkeys(name for name, listed in left.items() if not listed)
    drawn: dict[str, int] = {}
    at: Sequence[str] = ()

    def closeness(name: str) -> tuple[int, int, int]:
        newest = max((drawn.get(each, -1) for each in waits[name]), default=-1)
        return shared(boxes.get(name, ()), at), newest, -place[name]

    while left:
        name = max(ready, key=closeness) if ready else next(iter(left))
        ready.pop(name, None)
        del left[name]
        drawn[name], at = len(drawn), boxes.get(name, ())
        for each in waiting[name]:
            if each in left:
                left[each].discard(name)
                ready |= {} if left[each] else {each: None}
    return list(drawn)


def drawn(order: Sequence[str], waits: Waits, most: int) -> Iterator[Row]:
    """Draw tasks in this order; at most so many lines run side by side."""
    place = {name: i for i, name in enumerate(order)}
    waiting = _waiting({name: waits[name] for name in order})
    left = {name: {each for each in listed if place[each] > place[name]} for name, listed in waiting.items()}
    columns: list[str | None] = []
    """Whose line goes down in each column."""
    ended = -1
    """Where the task above ended without a line: another right below it would seem to wait for it."""
    for name in order:
        above = " ".join("│" if each is not None else " " for each in columns).rstrip()
        seen = [i for i, each in enumerate(columns) if each is not None and each in waits[name]]
        unseen = tuple(sorted({*waits[name]} - {columns[i] for i in seen}))
        ending = [i for i in seen if left[str(columns[i])] == {name}]
        for i in seen:
            left[str(columns[i])].discard(name)
        at = ending[0] if ending else _free(columns, seen, ended, most)
        columns += [None] * (at + 1 - len(columns))
        yield Row(name, _cells(columns, at, seen, ending, APART if at == most else TASK), above, unseen)
        for i in ending:
            columns[i] = None
        goes_on = at < most and bool(left[name])
        columns[at] = name if goes_on else None
        ended = -1 if goes_on else at
        while columns and columns[-1] is None:
            columns.pop()


def _free(columns: Sequence[str | None], seen: Sequence[int], ended: int, most: int) -> int:
    """The column without a line that is nearest to what is waited for; none left: the one beyond the last."""
    free = [i for i in range(most) if i != ended and (i >= len(columns) or columns[i] is None)]
    return min(free, key=lambda i: (min((abs(i - each) for each in seen), default=0), i), default=most)


def _cells(columns: Sequence[str | None], at: int, seen: Collection[int], ending: Collection[int], task: str) -> str:
    first, last = min([at, *seen]), max([at, *seen])
    line = ""
    for i, each in enumerate(columns):
        if i == at:
            line += task
        elif i in seen:
            ends, side = i in ending, (i > first) + (i == last)
            line += "╰┴╯"[side] if ends else "├┼┤"[side]
        else:
            line += "│" if each is not None else "─" if first < i < last else " "
        line += "─" if first <= i < last else " "
    return line.rstrip()


def _waiting(waits: Waits) -> dict[str, list[str]]:
    """What waits for each task."""
    waiting: dict[str, list[str]] = {name: [] for name in waits}
    for name, listed in waits.items():
        for each in listed:
            if each in waiting and each != name:
                waiting[each].append(name)
    return waiting


def shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many boxes two tasks share."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
