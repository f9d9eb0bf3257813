"""Diagnostics for a terminal: where, what, the source line with a caret below it, and the remedy."""

from collections.abc import Callable, Iterator
from unicodedata import category, east_asian_width

from mergeflow.diagnostic import Diagnostic, Report, Severity
from mergeflow.source import Span

_TAB = "    "
LONGEST_LINE = 160
"""How many characters of a source line are printed; of a longer one those around the caret."""
LONGEST_TEXT = 400
"""How many characters of a message or a hint are printed."""
SHOWN = 50
"""How many diagnostics are printed; the rest are counted."""

RED, GREEN, YELLOW, BLUE, BOLD, RESET = (f"\x1b[{code}m" for code in (31, 32, 33, 34, 1, 0))

_BESIDES = "validators/"
"""Where files are that a report does not count; those of them that have problems are added."""

_Paint = Callable[[str, str], str]


def render(report: Report, *, color: bool = False, everything: bool = False, heads: int = 0) -> str:
    """The whole report: diagnostics, then one line that counts them.

    Unless `everything` is printed, the first `SHOWN` are; of so many more as `heads` says, the first line is.
    """
    shown = report.diagnostics if everything else report.diagnostics[:SHOWN]
    blocks = [render_diagnostic(each, color=color) for each in shown]
    short = report.diagnostics[len(shown) : len(shown) + heads]
    if short:
        blocks.append("".join(f"{_head(each, color=color)}\n" for each in short))
    if left := len(report.diagnostics) - len(shown) - len(short):
        blocks.append(f"… and {left:,} more; `mergeflow check --all` prints them\n")
    return "\n".join([*blocks, summary(report)])


def render_diagnostic(diagnostic: Diagnostic, *, color: bool = False) -> str:
    """One diagnostic, several lines, ending with a line break."""
    paint = _painted if color else _plain
    body = _body(diagnostic, paint, _level(diagnostic))
    return "\n".join([_head(diagnostic, color=color), *body]) + "\n"


def _head(diagnostic: Diagnostic, *, color: bool) -> str:
    paint = _painted if color else _plain
    where = paint(f"{printable(str(diagnostic.location))}:", BOLD)
    severity = paint(f"{diagnostic.severity.value}:", _level(diagnostic))
    return f"{where} {severity} {paint(_short(diagnostic.message), BOLD)} [{diagnostic.rule}]"


def _level(diagnostic: Diagnostic) -> str:
    return RED if diagnostic.severity is Severity.ERROR else YELLOW


def summary(report: Report) -> str:
    """One line: how many errors and warnings, in how many files, and how many others nobody wants to hear of."""
    with_problems = {each.location.path for each in report.diagnostics}
    count = report.files + sum(path.startswith(_BESIDES) for path in with_problems)
    files = f"{count:,} file{'s' * (count != 1)}"
    silenced = ((report.waived, "waived"), (report.ignored, "ignored"))
    silent = ", ".join(f"{number:,} {how}" for number, how in silenced if number)
    silent = f" ({silent})" if silent else ""
    if not report.diagnostics:
        return f"{report.dags:,} DAG{'s' * (report.dags != 1)} in {files}, no problems{silent}"
    counts = [_count(report.errors, "error"), _count(report.warnings, "warning")]
    return f"{', '.join(each for each in counts if each)} in {len(with_problems):,} of {files}{silent}"


def _body(diagnostic: Diagnostic, paint: _Paint, level: str) -> Iterator[str]:
    number = str(diagnostic.location.span.start.line)
    margin = " " * len(number)
    if diagnostic.source_line.strip():
        line, marks = excerpt(diagnostic.source_line, diagnostic.location.span)
        yield paint(f"{margin} |", BLUE)
        yield f"{paint(f'{number} |', BLUE)} {line}".rstrip()
        yield f"{paint(f'{margin} |', BLUE)} {paint(marks, level)}"
    if diagnostic.hint:
        yield f"{paint(f'{margin} =', BLUE)} hint: {_short(diagnostic.hint)}"
    for note in diagnostic.notes:
        yield f"{paint(f'{margin} =', BLUE)} {_short(note.message)}: {printable(str(note.location))}"


def excerpt(line: str, span: Span) -> tuple[str, str]:
    """A source line as it is printed, and the marks below it, which stand under the span whatever stands before it.

    Of a line that is too long only the part around the span's start is printed, with `…` where something is left out.
    """
    start = span.start.column - 1
    end = span.end.column - 1 if span.end.line == span.start.line else len(line)
    first = 0 if len(line) <= LONGEST_LINE else max(0, min(start - LONGEST_LINE // 2, len(line) - LONGEST_LINE))
    last = min(len(line), first + LONGEST_LINE)
    cut, rest = "…" * (first > 0), "…" * (last < len(line))
    before = width_of(cut + printable(line[first:start]))
    under = width_of(printable(line[start : max(min(end, last), start + 1)]))
    return f"{cut}{printable(line[first:last])}{rest}", " " * before + "^" * max(under, 1)


def width_of(text: str) -> int:
    """How many columns of a terminal a printable text takes."""
    return sum(0 if category(char) in ("Mn", "Me") else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def printable(line: str) -> str:
    """A text that cannot move the cursor or change colours: tabs are blanks, what has no shape is a dot."""
    return "".join(_TAB if char == "\t" else char if char.isprintable() else "·" for char in line)


def shortened(text: str) -> str:
    """A text without most of its middle when it is too long: what it says last matters too."""
    if len(text) <= LONGEST_TEXT:
        return text
    return f"{text[: LONGEST_TEXT // 2]} … {text[-LONGEST_TEXT // 2 :]}"


def _short(text: str) -> str:
    return printable(shortened(text))


def _painted(text: str, style: str) -> str:
    return f"{style}{text}{RESET}"


def _plain(text: str, style: str) -> str:
    del style
    return text


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}" if number else ""
