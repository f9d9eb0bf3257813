"""A template's regular expressions, searched for in a time that grows with the text, and never without an end.

Python's own search tries every way in which `(a+)+` may divide a text, and a pull request may bring both. Here all ways
are followed at once. What cannot be done so is refused: look-around, back references, word boundaries.
"""

import re
import re._compiler as compiler  # type: ignore[import-not-found]
import re._constants as constants  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

MOST_STEPS, LONGEST_TEXT = 300, 1_000
"""Steps of a pattern once its repeats are written out, and characters of a text that it is searched in."""


class Unsearchable(ValueError):
    """A pattern that is none, or that no bound is known for; its text goes on from the pattern's name."""


class _Step(NamedTuple):
    """Read one character, be at a place, or go on at others; at the end there are none of these."""

    reads: Callable[[str], Any] | None = None
    at: Any = None
    onward: tuple[int, ...] = ()


def searched(pattern: str, text: str) -> bool:
    """Whether a pattern is found anywhere in a text of at most `LONGEST_TEXT` characters. Raises Unsearchable."""
    steps = steps_of(pattern)
    here: set[int] = set()
    for i in range(len(text) + 1):
        here = _reached(steps, {*here, 0}, i, text)
        if len(steps) - 1 in here:
            return True
        if i < len(text):
            here = {each + 1 for each in here if (reads := steps[each].reads) and reads(text[i])}
    return False


@lru_cache(maxsize=256)
def steps_of(pattern: str) -> tuple[_Step, ...]:
    """The steps of a pattern, the last one its end. Raises Unsearchable."""
    try:
        tree = parser.parse(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise Unsearchable(f"is no regular expression: {error}") from None
    if tree.state.flags & ~compiler.SRE_FLAG_UNICODE:
        raise Unsearchable("sets flags, which JSON Schema does not know")
    steps: list[_Step] = []
    _write(tree, steps, tree.state)
    return (*steps, _Step())


def _write(tree: Iterable[Any], steps: list[_Step], state: Any) -> None:
    for op, value in tree:
        _refuse_many(steps)
        if op in (constants.LITERAL, constants.NOT_LITERAL, constants.ANY, constants.IN):
            one = compiler.compile(parser.SubPattern(state, [(op, value)]))
            steps.append(_Step(reads=one.fullmatch))
        elif op is constants.AT and value in (constants.AT_BEGINNING, constants.AT_END):
            steps.append(_Step(at=value))
        elif op is constants.SUBPATTERN:
            _write(value[-1], steps, state)
        elif op is constants.BRANCH:
            _branch(value[1], steps, state)
        elif op in (constants.MAX_REPEAT, constants.MIN_REPEAT):
            least, most, body = value
            _repeat(least, most, body, steps, state)
        else:
            raise Unsearchable("looks around, back, or for the edge of a word, which has no bound here")


def _branch(branches: list[Any], steps: list[_Step], state: Any) -> None:
    fork = len(steps)
    steps.append(_Step())
    begins, ends = [], []
    for branch in branches:
        begins.append(len(steps))
        _write(branch, steps, state)
        ends.append(len(steps))
        steps.append(_Step())
    steps[fork] = _Step(onward=tuple(begins))
    for end in ends:
        steps[end] = _Step(onward=(len(steps),))


def _repeat(least: int, most: Any, body: Any, steps: list[_Step], state: Any) -> None:
    for _ in range(least):
        _write(body, steps, state)
        _refuse_many(steps)
    if most is constants.MAXREPEAT:
        fork = len(steps)
        steps.append(_Step())
        _write(body, steps, state)
        steps.append(_Step(onward=(fork,)))
        steps[fork] = _Step(onward=(fork + 1, len(steps)))
        return
    for _ in range(min(most, MOST_STEPS + 1) - least):
        fork = len(steps)
        steps.append(_Step())
        _write(body, steps, state)
        steps[fork] = _Step(onward=(fork + 1, len(steps)))
        _refuse_many(steps)


def _refuse_many(steps: list[_Step]) -> None:
    if len(steps) > MOST_STEPS:
        raise Unsearchable(f"has over {MOST_STEPS} steps once its repeats are written out")


def _reached(steps: tuple[_Step, ...], begun: set[int], i: int, text: str) -> set[int]:
    """Where one gets to, before character `i`, without reading."""
    reached, waiting = set(begun), [*begun]
    while waiting:
        step = steps[at := waiting.pop()]
        onward = step.onward
        if step.at is not None:
            onward = (at + 1,) if _is_at(step.at, i, text) else ()
        new = [each for each in onward if each not in reached]
        reached.update(new)
        waiting += new
    return reached


def _is_at(place: Any, i: int, text: str) -> bool:
    if place is constants.AT_BEGINNING:
        return i == 0
    return i == len(text) or (i == len(text) - 1 and text[i] == "\n")
