"""What the terminal shows of a diagnostic: one line, and a caret that stands under it."""

import unicodedata

import pytest

from mergeflow.diagnostic import Diagnostic, Note, Report, Severity
from mergeflow.render.text import LONGEST_LINE, SHOWN, excerpt, render, render_diagnostic, summary
from mergeflow.source import Location, Position, Span


def span(start: int, end: int, line: int = 1) -> Span:
    return Span(Position(line, start), Position(line, end))


def at(column: int) -> Location:
    return Location("a.yaml", span(column, column + 1))


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("a: b", "b"),
        ("注文: x", "x"),
        ("📦📦: [📦, x]", "x"),
        ("e\u0301te\u0301: x", "x"),
        ("\ta:\tx", "x"),
        ("\u3000\u200b\u202e\x1b: x", "x"),
        ("a: 注文", "注文"),
        ("x" * 1000 + " here", "here"),
        ("here " + "x" * 1000, "here"),
        ("x" * 500 + " here " + "注" * 500, "here"),
        ("注" * 500 + " here " + "x" * 500, "here"),
    ],
)
def test_the_caret_stands_under_its_word(line: str, word: str) -> None:
    start = line.index(word) + 1
    shown, marks = excerpt(line, span(start, start + len(word)))
    cells = "".join(char * cells_of(char) for char in shown)
    assert cells[marks.index("^") : len(marks)] == "".join(char * cells_of(char) for char in word)
    assert len(shown) <= LONGEST_LINE * 4 + 2


def cells_of(char: str) -> int:
    """An independent word on how wide a character is."""
    return 0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "FW")


@pytest.mark.parametrize("column", [1, 80, 500, 1_000_000, 1_048_576])
def test_of_a_mebibyte_only_what_is_around_the_caret_is_shown(column: int) -> None:
    shown, marks = excerpt("x" * 1_048_576, span(column, 1_048_577))
    assert len(shown) <= LONGEST_LINE + 2
    assert len(marks) <= LONGEST_LINE + 2
    assert shown.startswith("…") == (column > LONGEST_LINE // 2 + 1)


def test_a_place_past_the_end_of_a_line_has_one_mark() -> None:
    assert excerpt("ab", span(3, 3)) == ("ab", "  ^")


def test_a_span_over_several_lines_is_marked_to_the_end_of_the_first() -> None:
    assert excerpt("ab: [c,", Span(Position(1, 5), Position(3, 1))) == ("ab: [c,", "    ^^^")


def test_nothing_that_a_config_or_its_name_holds_moves_the_cursor() -> None:
    evil = "\x1b[2J\n\r\u202e\u2028\x9b\udc80"
    place = Location(f"configs/{evil}.yaml", span(1, 2))
    shown = render_diagnostic(
        Diagnostic(place, "rule", evil, source_line=f"a{evil}", hint=evil, notes=(Note(place, evil),))
    )
    assert all(char.isprintable() for char in shown.replace("\n", ""))
    assert shown.count("\n") == 6


def test_a_long_message_keeps_its_beginning_and_its_end() -> None:
    shown = render_diagnostic(Diagnostic(at(1), "rule", "begin " + "x" * 100_000 + " end", hint="y" * 100_000))
    assert len(shown) < 1000
    assert "error: begin xxx" in shown
    assert "xxx end [rule]" in shown


def test_color_changes_nothing_but_color() -> None:
    report = Report((Diagnostic(at(1), "rule", "wrong", Severity.WARNING, "line", "hint"),), files=1)
    painted = render(report, color=True)
    assert "\x1b[33mwarning:\x1b[0m" in painted
    for code in (0, 1, 31, 33, 34):
        painted = painted.replace(f"\x1b[{code}m", "")
    assert painted == render(report)


def test_beyond_the_first_fifty_diagnostics_are_counted() -> None:
    report = Report(tuple(Diagnostic(at(i), "rule", f"number {i}") for i in range(1, 1062)), files=1)
    assert render(report).count("error:") == SHOWN
    assert "… and 1,011 more; `mergeflow check --all` prints them\n" in render(report)
    assert render(report, everything=True).count("error:") == 1061
    assert render(report).endswith("1,061 errors in 1 of 1 file")


def test_of_more_than_fifty_diagnostics_the_first_line_alone_may_be_shown() -> None:
    report = Report(tuple(Diagnostic(at(i), "rule", f"number {i}", hint="look") for i in range(1, 72)), files=1)
    shown = render(report, heads=20)
    assert [f"number {i} [rule]" in shown for i in range(1, 72)] == [True] * 70 + [False]
    assert shown.count("hint: look") == SHOWN
    assert "… and 1 more;" in shown
    assert "more;" not in render(report, heads=21)


@pytest.mark.parametrize(
    ("report", "line"),
    [
        (Report(files=2, dags=1), "1 DAG in 2 files, no problems"),
        (Report(files=2, dags=1, waived=1), "1 DAG in 2 files, no problems (1 waived)"),
        (Report(files=2, dags=1, waived=1200, ignored=3), "1 DAG in 2 files, no problems (1,200 waived, 3 ignored)"),
        (Report((Diagnostic(at(1), "rule", "x"),), files=2, ignored=1), "1 error in 1 of 2 files (1 ignored)"),
    ],
)
def test_what_is_waived_or_ignored_is_counted(report: Report, line: str) -> None:
    assert summary(report) == line
