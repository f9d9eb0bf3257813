"""Workflow commands, read back by the rules of GitHub's runner."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from mergeflow.diagnostic import Diagnostic, Report
from mergeflow.render.github import render
from mergeflow.source import Location
from tests.conftest import ROOT
from tests.render.reports import ENDLESS, EVIL, HOSTILE, ORDINARY, TWICE, TYPO, at

COMMAND = re.compile(r"::(error|warning) ([^\r\n]*?)::([^\r\n]*)")
DATA = (("%0D", "\r"), ("%0A", "\n"), ("%25", "%"))
PROPERTY = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))


def unescaped(text: str, table: tuple[tuple[str, str], ...]) -> str:
    for escaped, char in table:
        text = text.replace(escaped, char)
    return text


def read(line: str) -> tuple[str, dict[str, str], str]:
    """Split at the first `::` behind the command, at `,` and at the first `=`; then unescape: what the runner does."""
    found = COMMAND.fullmatch(line)
    assert found, line
    pairs = [pair.split("=", 1) for pair in found[2].split(",")]
    return found[1], {key: unescaped(value, PROPERTY) for key, value in pairs}, unescaped(found[3], DATA)


def test_whatever_a_config_holds_there_is_one_command_of_known_properties() -> None:
    shown = render(HOSTILE)
    assert shown.isprintable()
    _, properties, message = read(shown)
    assert list(properties) == ["file", "line", "endLine", "col", "endColumn", "title"]
    assert properties["file"].startswith("configs/·[2J\n\r")
    assert properties["file"].endswith("%0A ::error file=x::y, [a](b) {0} \"'<&\\.yaml")
    assert message.count("%0A ::error file=x::y, [a](b)") == 4


@pytest.mark.parametrize("text", ["%", "%25", "%0A", "a\nb", "a\r\nb", "::error::x", ":", ",", "file=x", "注文 📦"])
def test_what_is_escaped_is_read_back(text: str) -> None:
    diagnostic = Diagnostic(at(1, 1, 1, 2, f"configs/{text}.yaml"), "cycle", text, hint=text)
    _, properties, message = read(render(Report((diagnostic,))))
    assert properties["file"] == f"configs/{text}.yaml"
    assert message == f"{text}\nhint: {text}"


@pytest.mark.parametrize(
    ("location", "region"),
    [
        (at(7, 5, 7, 12), {"line": "7", "endLine": "7", "col": "5", "endColumn": "12"}),
        (at(7, 5, 7, 5), {"line": "7", "endLine": "7", "col": "5", "endColumn": "5"}),
        (at(3, 3, 9, 4), {"line": "3", "endLine": "9"}),
        (at(3, 3, 9, 1), {"line": "3", "endLine": "8"}),
        (at(3, 3, 4, 1), {"line": "3", "endLine": "3", "col": "3"}),
    ],
)
def test_columns_are_told_within_one_line_only(location: Location, region: dict[str, str]) -> None:
    _, properties, _ = read(render(Report((Diagnostic(location, "cycle", "x"),))))
    assert properties == {"file": location.path, **region, "title": "cycle"}


def test_the_remedy_and_the_other_place_are_part_of_the_message() -> None:
    first, second = render(Report((TYPO, TWICE))).split("\n")
    assert read(first)[2] == "unknown key `retires` in task `extract`\nhint: did you mean `retries`?"
    assert read(second)[2].endswith("\nthe first definition: configs/payments/fx.yaml:12:1")


def test_a_long_message_keeps_its_beginning_and_its_end() -> None:
    assert len(render(ENDLESS)) < 2000
    assert EVIL not in render(ENDLESS)


def test_no_problem_is_nothing() -> None:
    assert render(Report(files=3)) == ""


def test_the_whole_output(golden: Callable[[Path, str], None]) -> None:
    golden(ROOT / "tests/golden/report.github.txt", render(ORDINARY) + "\n")
