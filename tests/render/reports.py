"""Reports that the tests of all formats for programs share: an ordinary one, and all that could break out."""

from mergeflow.diagnostic import Diagnostic, Note, Report, Severity
from mergeflow.source import START, Location, Position, Span

EVIL = "\x1b[2J\n\r\t\x00\x7f\x9b\u202e\u2028\u0085\udc80 \ud83d\ude00 %0A ::error file=x::y, [a](b) {0} \"'<&\\"
"""Breaks lines, moves cursors, starts a workflow command or a link, and is half a character."""
EVIL_NAME = EVIL.replace("\ud83d\ude00", "")
"""As much of it as a file's name can hold: of half characters only those that stand for bytes."""


def at(line: int, column: int, end_line: int, end_column: int, path: str = "configs/payments/fx.yaml") -> Location:
    """A place in a file."""
    return Location(path, Span(Position(line, column), Position(end_line, end_column)))


TYPO = Diagnostic(
    at(7, 5, 7, 12),
    "unknown-key",
    "unknown key `retires` in task `extract`",
    source_line="    retires: 3",
    hint="did you mean `retries`?",
)
TWICE = Diagnostic(
    at(1, 1, 1, 7, "configs/payments/注文 100%.yaml"),
    "duplicate-dag-id",
    "DAG `orders` is defined twice",
    source_line="orders:",
    notes=(Note(at(12, 1, 12, 7), "the first definition"),),
)
BLOCK = Diagnostic(
    at(3, 3, 9, 1), "invalid-yaml", "the aliases write out to over 9 values", Severity.WARNING, "  a: &a [1]"
)
WHOLE_FILE = Diagnostic(
    Location("configs/x.yaml", START), "unreadable-file", "cannot read this file: it is a folder", hint="a: b, c::d"
)

ORDINARY = Report((TYPO, TWICE, BLOCK, WHOLE_FILE), files=4, dags=2)

BREAKOUT = Diagnostic(
    at(1, 2, 1, 3, f"configs/{EVIL_NAME}.yaml"),
    "house-rule",
    EVIL,
    source_line=f"a{EVIL}",
    hint=EVIL,
    notes=(Note(at(1, 1, 1, 2, EVIL_NAME), EVIL),),
)
HOSTILE = Report((BREAKOUT,), files=1)

LONG = "begin " + "x" * 1_000_000 + " end"
ENDLESS = Report(
    (Diagnostic(at(1, 1, 1, 2), "house-rule", LONG, Severity.ERROR, LONG, LONG, (Note(at(1, 1, 1, 2), LONG),)),)
)
