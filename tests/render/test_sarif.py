"""SARIF 2.1.0, held against its schema."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import pytest
from jsonschema import Draft202012Validator

from mergeflow.diagnostic import Diagnostic, Report, Severity
from mergeflow.render.sarif import render
from mergeflow.rules.page import Page, pages
from tests.conftest import ROOT
from tests.render.reports import BLOCK, ENDLESS, HOSTILE, ORDINARY, TWICE, TYPO, WHOLE_FILE, at

# The schema of OASIS as Microsoft's SARIF SDK ships it (MIT): `sarif-2.1.0.json` of the npm package
# @microsoft/sarif-multitool-linux 5.7.0, its line breaks changed to LF.
SCHEMA = Path(__file__).parent / "sarif-2.1.0.schema.json"
KNOWN = (
    Page(
        "duplicate-dag-id", Severity.ERROR, "One dag_id\nis defined twice.", "nobody\nknows which.", "a: 1\n", "b: 1\n"
    ),
    Page("unknown-key", Severity.WARNING, "A key that nobody reads.", "it never holds."),
)


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text()), format_checker=Draft202012Validator.FORMAT_CHECKER)


def run_of(report: Report) -> dict[str, Any]:
    """The one run of a valid log."""
    log = json.loads(render(report))
    assert [error.message for error in validator().iter_errors(log)] == []
    (run,) = log["runs"]
    return dict(run)


def fingerprints(*diagnostics: Diagnostic) -> list[str]:
    return [each["partialFingerprints"]["mergeflow/v1"] for each in run_of(Report(diagnostics))["results"]]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("version",), "2.2.0"),
        (("runs", 0, "columnKind"), "bytes"),
        (("runs", 0, "results", 0, "level"), "fatal"),
        (("runs", 0, "results", 0, "messages"), {}),
        (("runs", 0, "results", 0, "locations", 0, "physicalLocation", "region", "startLine"), 0),
        (("runs", 0, "tool", "driver", "rules", 0, "help"), {"markdown": "x"}),
        (("runs", 0, "results", 1, "relatedLocations", 0, "id"), "one"),
    ],
)
def test_the_schema_refuses_what_is_not_sarif(path: tuple[str | int, ...], value: object) -> None:
    log = json.loads(render(ORDINARY))
    assert validator().is_valid(log)
    inner = log
    for segment in path[:-1]:
        inner = inner[segment]
    inner[path[-1]] = value
    assert not validator().is_valid(log)


@pytest.mark.parametrize("report", [Report(), ORDINARY, HOSTILE, ENDLESS], ids=["empty", "ordinary", "hostile", "long"])
def test_every_report_is_valid(report: Report) -> None:
    assert render(report).isascii()
    assert len(run_of(report)["results"]) == len(report.diagnostics)


@pytest.mark.parametrize(
    "path",
    [
        "configs/a.yaml",
        "configs/a b#c?d%.yaml",
        "configs/注文.yaml",
        "configs/\udc80.yaml",
        "a:b/c.yaml",
        "a\nb",
        "[x]",
    ],
)
def test_a_uri_is_relative_and_leads_back_to_the_file(path: str) -> None:
    (result,) = run_of(Report((replace(TYPO, location=at(1, 1, 1, 2, path)),)))["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote_to_bytes(uri).decode("utf-8", "surrogateescape") == path
    assert uri.isascii()
    assert urlsplit(uri)[:2] == ("", "")
    assert not set(uri) & set(' #?:[]"\n')


def test_a_fingerprint_stays_when_lines_move() -> None:
    said = replace(TYPO, message="key `a` stands twice in this mapping, first on line 3")
    moved = replace(said, location=at(90, 9, 90, 16), message=said.message.replace("line 3", "line 86"))
    assert fingerprints(said) == fingerprints(moved)
    assert fingerprints(TYPO, TWICE) == fingerprints(BLOCK, TYPO, TWICE)[1:]


@pytest.mark.parametrize(
    "other",
    [
        replace(TYPO, rule="wrong-type"),
        replace(TYPO, message="unknown key `retires` in task `load`"),
        replace(TYPO, source_line="    retires: 4"),
        replace(TYPO, location=at(7, 5, 7, 12, "configs/b.yaml")),
        TYPO,
    ],
    ids=["rule", "message", "line", "file", "second of two that are alike"],
)
def test_fingerprints_tell_problems_apart(other: Diagnostic) -> None:
    assert len(set(fingerprints(TYPO, other))) == 2


def test_a_place_is_counted_in_code_points_and_ends_behind_its_last_character() -> None:
    run = run_of(Report((TYPO,)))
    assert run["columnKind"] == "unicodeCodePoints"
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 7, "startColumn": 5, "endLine": 7, "endColumn": 12}


def test_what_a_config_says_is_never_a_link() -> None:
    evil = "task `[log in](https://example.com)` and `tags[4]`"
    (result,) = run_of(Report((replace(TYPO, message=evil, hint=""),)))["results"]
    assert result["message"]["text"] == r"task `\[log in](https://example.com)` and `tags[4]`"


def test_every_rule_is_described_and_every_result_points_at_its_rule() -> None:
    run = run_of(Report((TYPO, *HOSTILE.diagnostics, WHOLE_FILE)))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [*(page.slug for page in pages()), "house-rule"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    for rule, page in zip(rules, pages(), strict=False):
        assert rule["shortDescription"]["text"] == page.title
        assert page.bad in rule["help"]["markdown"]
        assert page.why in rule["help"]["text"]
        assert rule["defaultConfiguration"].get("enabled", True) is not page.optional


def test_the_version_is_told_when_it_is_known() -> None:
    for version in ("", "1.2.3"):
        driver = json.loads(render(Report(), (), version))["runs"][0]["tool"]["driver"]
        assert driver.get("version", "") == version


def test_the_whole_output(golden: Callable[[Path, str], None]) -> None:
    golden(ROOT / "tests/golden/report.sarif", render(ORDINARY, KNOWN, "1.2.3") + "\n")
