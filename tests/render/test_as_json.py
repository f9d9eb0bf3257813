"""Diagnostics as JSON: what programs may rely on."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from mergeflow.diagnostic import Diagnostic, Report
from mergeflow.render.as_json import dump, render
from tests.conftest import ROOT
from tests.render.reports import ENDLESS, EVIL, EVIL_NAME, HOSTILE, ORDINARY, at

DOCS = ROOT / "docs/output.md"


def test_whatever_a_config_holds_the_text_is_ascii_and_one_document() -> None:
    text = render(HOSTILE)
    assert text.isascii()
    assert "\x7f" not in text
    assert all(char.isprintable() for char in text.replace("\n", ""))
    (found,) = json.loads(text)["diagnostics"]
    whole = EVIL.replace("\udc80", "\ufffd").replace("\ud83d\ude00", "\U0001f600")
    assert (found["message"], found["hint"]) == (whole, whole)
    assert found["path"] == f"configs/{EVIL_NAME}.yaml".replace("\udc80", "\ufffd")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("\ud800", "\ufffd"),
        ("\udc80a", "\ufffda"),
        ("\ud800\ud800\udc00", "\ufffd\U00010000"),
        ('"\\u', '"\\u'),
        (r"\ud800", r"\ud800"),
        ("\udbff\udfff", "\U0010ffff"),
    ],
)
def test_half_a_character_is_replaced_and_nothing_beside_it(text: str, read: str) -> None:
    assert json.loads(dump({text: [text]})) == {read: [read]}


def test_a_long_message_keeps_its_beginning_and_its_end() -> None:
    assert len(render(ENDLESS)) < 3000
    assert json.loads(render(ENDLESS))["diagnostics"][0]["message"].endswith(" end")


def test_the_order_is_that_of_the_report() -> None:
    diagnostics = tuple(Diagnostic(at(i, 1, i, 2), "cycle", f"{i}") for i in range(1, 2000))
    found = json.loads(render(Report(diagnostics)))["diagnostics"]
    assert [each["start"]["line"] for each in found] == list(range(1, 2000))


def test_no_problem_is_an_empty_list() -> None:
    assert json.loads(render(Report(files=3, dags=2))) == {
        "version": 1, "files": 3, "dags": 2, "errors": 0, "warnings": 0, "waived": 0, "ignored": 0,
        "diagnostics": [],
    }  # fmt: skip


def test_the_whole_output(golden: Callable[[Path, str], None]) -> None:
    golden(ROOT / "tests/golden/report.json", render(ORDINARY) + "\n")


def test_the_docs_name_every_field_and_no_other() -> None:
    section = DOCS.read_text().split("\n## JSON\n")[1].split("\n## ")[0]
    named = set(re.findall(r"^\| `([a-z.\[\]]+)` \|", section, re.MULTILINE))
    assert named == set(_fields(json.loads(render(ORDINARY))))


def _fields(value: object, above: str = "") -> list[str]:
    if isinstance(value, list):
        return [name for each in value for name in _fields(each, f"{above}[]")]
    if isinstance(value, dict):
        prefix = f"{above}." if above else ""
        return [name for key, each in value.items() for name in (f"{prefix}{key}", *_fields(each, f"{prefix}{key}"))]
    return []
