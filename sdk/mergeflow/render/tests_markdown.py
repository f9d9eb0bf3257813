"""What came of tests, for a job's summary on GitHub: what went wrong first, the rest folded."""

import html
import re
from collections.abc import Iterable

from mergeflow.render.tests_text import lines_of, spent, summary
from mergeflow.render.text import printable
from mergeflow.tested import Outcome, Status, Tested

MOST = 900_000
"""GitHub takes a mebibyte for all summaries of a job."""
_SIGNS = {Status.PASSED: "✅", Status.FAILED: "❌", Status.ERROR: "💥", Status.SKIPPED: "⏭️"}
_ROWS = 500
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~@:&])")


def render(outcome: Outcome) -> str:
    """The whole summary."""
    told = sorted((each for each in outcome.tests if each.is_told), key=lambda each: not each.is_bad)
    sign = _SIGNS[Status.FAILED if outcome.is_bad else Status.PASSED]
    parts = [f"## {sign} Tests: {escaped(summary(outcome))}\n", *map(_told, told)]
    text = "\n".join(parts)
    table = _table(outcome.tests)
    if len(text.encode()) + len(table.encode()) > MOST:
        table = "The table of all tests is too long for this page.\n"
    if len(text.encode()) > MOST:
        text = f"{parts[0]}\nThere is more to tell of {len(told):,} tests than fits here; the job's log has it all.\n"
    return f"{text}\n{table}\n{escaped(spent(outcome))}\n"


def escaped(text: str) -> str:
    """A text that Markdown takes for nothing else, nobody is mentioned in, and no link begins in."""
    return _SPECIAL.sub(r"\\\1", printable(text).replace("@", "@\u200b"))


def _told(tested: Tested) -> str:
    """One test with its message, in a block that what it quotes cannot end."""
    message = html.escape("\n".join(lines_of(tested)), quote=False)
    sign = _SIGNS[tested.status] if tested.is_bad else "⚠️"
    head = f"{sign} **{escaped(tested.name)}** in {escaped(tested.path)}, line {tested.line}"
    return f"{head}\n\n<pre>\n{message.replace(chr(10) + chr(10), chr(10) + ' ' + chr(10))}\n</pre>\n"


def _table(tests: Iterable[Tested]) -> str:
    tests = list(tests)
    rows = [
        f"| {_SIGNS[each.status]} {each.status} | {each.kind} | {escaped(each.path)} | {escaped(each.name)} "
        f"| {each.seconds:.2f} |"
        for each in tests[:_ROWS]
    ]
    more = [f"\nand {len(tests) - _ROWS:,} more"] if len(tests) > _ROWS else []
    head = ["<details><summary>All tests</summary>\n", "| | kind | file | test | seconds |", "|---|---|---|---|---:|"]
    return "\n".join([*head, *rows, *more, "\n</details>\n"])
