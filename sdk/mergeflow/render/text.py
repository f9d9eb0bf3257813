"""Diagnostics for a terminal: where, what, the source line with a caret below it, and the remedy."""

from collections.abc import Callable, Iterator
from unicodedata import east_asian_width

from mergeflow.diagnostic import Diagnostic, Report, Severity
from mergeflow.source import Span

_TAB = "    "
SHOWN = 50
"""How many diagnostics are printed; the rest are counted."""

RED, GREEN, YELLOW, BLUE, BOLD, RESET = (f"\x1b[{code}m" for code in (31, 32, 33, 34, 1, 0))


_Paint = Callable[[str, str], str]


def render(report: Report, *, color: bool = False, everything: bool = False) -> str:
    """The whole report: diagnostics, then one line that counts them."""
    shown = report.diagnostics if everything else report.diagnostics[:SHOWN]
    blocks = [render_diagnostic(each, color=color) for each in shown]
    if left := len(report.diagnostics) - len(shown):
        blocks.append(f"… and {left:,} more; `mergeflow check --all` prints them\n")
    return "\n".join([*blocks, summary(report)])


def render_diagnostic(diagnostic: Diagnostic, *, color: bool = False) -> str:
    """One diagnostic, several lines, ending with a line break."""
    paint = _painted if color else _plain
    level = RED if diagnostic.severity is Severity.ERROR else YELLOW
    where = paint(f"{printable(str(diagnostic.location))}:", BOLD)
    severity = paint(f"{diagnostic.severity.value}:", level)
    head = f"{where} {severity} {paint(printable(diagnostic.message), BOLD)} [{diagnostic.rule}]"
    return "\n".join([head, *_body(diagnostic, paint, level)]) + "\n"


def summary(report: Report) -> str:
    """One line: how many errors and warnings, in how many files."""
    files = f"{report.files:,} file{'s' * (report.files != 1)}"
    if not report.diagnostics:
        return f"{report.dags:,} DAG{'s' * (report.dags != 1)} in {files}, no problems"
    with_problems = len({each.location.path for each in report.diagnostics})
    counts = [_count(report.errors, "error"), _count(report.warnings, "warning")]
    return f"{', '.join(each for each in counts if each)} in {with_problems:,} of {files}"


def _body(diagnostic: Diagnostic, paint: _Paint, level: str) -> Iterator[str]:
    number = str(diagnostic.location.span.start.line)
    margin = " " * len(number)
    if diagnostic.source_line.strip():
        yield paint(f"{margin} |", BLUE)
        yield f"{paint(f'{number} |', BLUE)} {printable(diagnostic.source_line)}".rstrip()
        yield f"{paint(f'{margin} |', BLUE)} {paint(caret(diagnostic.source_line, diagnostic.location.span), level)}"
    if diagnostic.hint:
        yield f"{paint(f'{margin} =', BLUE)} hint: {printable(diagnostic.hint)}"
    for note in diagnostic.notes:
        yield f"{paint(f'{margin} =', BLUE)} {note.message}: {printable(str(note.location))}"


def caret(line: str, span: Span) -> str:
    """The marks below a source line, which stand under the span also where characters are wide or tabs."""
    start = span.start.column - 1
    end = span.end.column - 1 if span.end.line == span.start.line else len(line)
    before = sum(_width(char) for char in line[:start])
    under = sum(_width(char) for char in line[start : max(end, start + 1)])
    return " " * before + "^" * max(under, 1)


def _width(char: str) -> int:
    if char == "\t":
        return len(_TAB)
    return 2 if east_asian_width(char) in "WF" else 1


def printable(line: str) -> str:
    """A source line that cannot move the cursor or change colours."""
    return "".join(_TAB if char == "\t" else char if char.isprintable() else "·" for char in line)


def _painted(text: str, style: str) -> str:
    return f"{style}{text}{RESET}"


def _plain(text: str, style: str) -> str:
    del style
    return text


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}" if number else ""
