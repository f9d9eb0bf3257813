"""What came of tests, for a terminal: a line for each, what went wrong at the end, and what took the time."""

import re
from collections.abc import Iterator

from mergeflow.render.plan_words import many
from mergeflow.render.text import BOLD, GREEN, RED, RESET, YELLOW, printable
from mergeflow.tested import Kind, Outcome, Status, Tested

SHOWN = 200
"""Beyond so many tests, a line is printed for those that have not passed only."""
_MOST_LINES = 200
"""Of one message."""
_LEAST = 0.05
"""Seconds; what took less is not named."""
_NAMED = 6
_OF_A_TASK = re.compile(r"(run \d+: )?task `")
_COLORS = {Status.PASSED: GREEN, Status.FAILED: RED, Status.ERROR: RED, Status.SKIPPED: YELLOW}
_WIDTH = max(len(each) for each in Status)
_KIND = max(len(each) for each in Kind)


def render(outcome: Outcome, *, color: bool = False) -> str:
    """The whole answer."""
    tests = outcome.tests if len(outcome.tests) <= SHOWN else [each for each in outcome.tests if not _is_fine(each)]
    blocks = ["\n".join(_line(each, color=color) for each in tests)] if tests else []
    told = sorted(
        (each for each in outcome.tests if each.is_told), key=lambda each: each.is_bad
    )  # the worst comes last
    blocks += [_failure(each, color=color) for each in told]
    return "\n\n".join([*blocks, "\n".join(_last_lines(outcome))])


def summary(outcome: Outcome) -> str:
    """One line that counts."""
    counts = [
        (outcome.count(status), status) for status in (Status.FAILED, Status.ERROR, Status.PASSED, Status.SKIPPED)
    ]
    words = {Status.ERROR: ("error", "errors")}
    told = [f"{number:,} {words[each][number != 1] if each in words else each}" for number, each in counts if number]
    return f"{many(len(outcome.tests), 'test')}: {', '.join(told) or 'none'}"


def spent(outcome: Outcome) -> str:
    """One line that says what took the time: the most of it, and the rest in one."""
    found: dict[str, float] = {}
    for name, seconds in outcome.spent.items():
        name = "running tasks" if _OF_A_TASK.match(name) else name  # noqa: PLW2901 - of all tasks in all runs
        found[name] = found.get(name, 0.0) + seconds
    most = sorted(found.items(), key=lambda pair: -pair[1])
    parts = [f"{name} {seconds:.1f} s" for name, seconds in most[:_NAMED] if seconds >= _LEAST]
    rest = sum(seconds for _, seconds in most[len(parts) :])
    parts += [f"the rest {rest:.1f} s"] if rest >= _LEAST else []
    at_once = f", {outcome.workers} at once" if outcome.workers > 1 else ""
    return f"{outcome.seconds:.1f} s{at_once}" + (f": {', '.join(parts)}" if parts else "")


def where(tested: Tested) -> str:
    """The test's file, line and name."""
    name = "" if tested.name == tested.path else f" {tested.name}"
    return f"{printable(tested.path)}:{tested.line}{printable(name)}"


def _is_fine(tested: Tested) -> bool:
    return tested.status is Status.PASSED and not tested.is_told


def _line(tested: Tested, *, color: bool) -> str:
    start, end = (_COLORS[tested.status], RESET) if color else ("", "")
    head = f"{start}{tested.status:<{_WIDTH}}{end}  {tested.seconds:6.2f} s  {tested.kind:<{_KIND}}  {where(tested)}"
    if tested.status is Status.SKIPPED and tested.message:
        return f"{head}  ({printable(tested.message.splitlines()[0])})"
    if tested.is_told and not tested.is_bad:
        return f"{head}  (with a warning)"
    if tested.name == tested.path and tested.steps:  # a stub: how long Airflow takes for it at each parse
        return f"{head}  ({', '.join(f'{step.name} {step.seconds:.2f} s' for step in tested.steps)})"
    return head


def _failure(tested: Tested, *, color: bool) -> str:
    start, end = (BOLD, RESET) if color else ("", "")
    head = f"{start}{printable(tested.id)}{end}"
    return "\n".join([head, *(f"  {line}".rstrip() for line in lines_of(tested))])


def lines_of(tested: Tested) -> Iterator[str]:
    """A message as it may be printed, without most of it when it is endless."""
    lines = [printable(line) for line in tested.message.splitlines()] or ["it says nothing"]
    yield from lines[:_MOST_LINES]
    if len(lines) > _MOST_LINES:
        yield f"… and {len(lines) - _MOST_LINES:,} more lines"


def _last_lines(outcome: Outcome) -> Iterator[str]:
    yield summary(outcome)
    yield spent(outcome)
