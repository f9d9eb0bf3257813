"""What came of tests: as text, JSON, JUnit XML and Markdown, with messages that try to be more than text."""

import json
import re
from xml.etree import ElementTree as ET

import pytest

from mergeflow.render import junit, tests_github, tests_json, tests_markdown, tests_text
from mergeflow.tested import Kind, Outcome, Status, Step, Tested, from_plain

ROWS = "suite `a/b`: 1 of 7 expectations is broken on table `t`\n  critical: expect_x: 1 of 3 values, such as -5 (id 3)"
TESTS = (
    Tested(
        Kind.INTEGRITY,
        "configs/a/b.yaml",
        "orders",
        Status.PASSED,
        line=3,
        seconds=0.25,
        steps=(Step("rendering", 0.25),),
    ),
    Tested(Kind.INTEGRITY, "dags/a.py", "dags/a.py", Status.ERROR, "it ran for more than 300 s", seconds=300.0),
    Tested(Kind.SAMPLE, "validators/samples/a/b.csv", "b.csv", Status.SKIPPED, "nothing\nto see"),
    Tested(Kind.PIPELINE, "configs/a/b.yaml", "orders::first[db=sqlite]", Status.FAILED, ROWS, 9, 2.0),
)
OUTCOME = Outcome(TESTS, 12.34, {"starting Airflow": 4.0, "nothing to speak of": 0.01}, 2)
HOSTILE = "\x1b[31mred\x00 ]]> <b>&amp;</b> \ud800 \u202e @everyone\n\n</pre>\n```\n|a|b|\n" + "x" * 10

# The format as Jenkins's junit-10.xsd has it: attributes that must be there, that may be, and children.
JUNIT = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "disabled", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests"},
        {"failures", "errors", "time", "disabled", "skipped", "timestamp", "hostname", "id", "package", "file"},
        {"testcase"},
    ),
    "testcase": ({"name", "classname"}, {"time", "file"}, {"failure", "error", "skipped", "system-out"}),
    "system-out": (set(), set(), set()),
    "failure": (set(), {"type", "message"}, set()),
    "error": (set(), {"type", "message"}, set()),
    "skipped": (set(), {"type", "message"}, set()),
}


def hostile(status: Status = Status.FAILED) -> Outcome:
    return Outcome((Tested(Kind.PIPELINE, f"configs/{HOSTILE}.yaml", HOSTILE, status, HOSTILE, 2),))


def test_text_has_a_line_for_each_what_went_wrong_and_what_took_the_time() -> None:
    assert (
        tests_text.render(OUTCOME)
        == f"""\
passed     0.25 s  integrity  configs/a/b.yaml:3 orders
error    300.00 s  integrity  dags/a.py:1
skipped    0.00 s  sample     validators/samples/a/b.csv:1 b.csv  (nothing)
failed     2.00 s  pipeline   configs/a/b.yaml:9 orders::first[db=sqlite]

dags/a.py::integrity::dags/a.py
  it ran for more than 300 s

configs/a/b.yaml::pipeline::orders::first[db=sqlite]
  {ROWS.partition(chr(10))[0]}
  {ROWS.partition(chr(10))[2]}

4 tests: 1 failed, 1 error, 1 passed, 1 skipped
12.3 s, 2 at once: starting Airflow 4.0 s, rendering 0.2 s"""
    )


def test_the_time_that_airflow_needs_for_a_stub_is_told() -> None:
    steps = (Step("importing", 1.5), Step("parsing", 0.25))
    stub = Tested(Kind.INTEGRITY, "dags/a.py", "dags/a.py", Status.PASSED, seconds=1.75, steps=steps)
    line = tests_text.render(Outcome((stub,))).splitlines()[0]
    assert line == "passed     1.75 s  integrity  dags/a.py:1  (importing 1.50 s, parsing 0.25 s)"


def test_what_took_the_time_fits_into_a_line() -> None:
    steps = {f"step {i}": float(i) for i in range(1, 9)} | {"task `a`": 5.0, "run 2: task `a`": 6.0}
    line = tests_text.render(Outcome((), 9.0, steps)).splitlines()[-1]
    most = "step 8 8.0 s, step 7 7.0 s, step 6 6.0 s, step 5 5.0 s, step 4 4.0 s"
    assert line == f"9.0 s: running tasks 11.0 s, {most}, the rest 6.0 s"


def test_colours_are_for_terminals() -> None:
    assert "\x1b[" not in tests_text.render(OUTCOME)
    assert "\x1b[31mfailed" in tests_text.render(OUTCOME, color=True)


def test_a_fleet_is_told_by_what_is_wrong() -> None:
    many = Outcome((*(Tested(Kind.INTEGRITY, "a", f"{i}", Status.PASSED) for i in range(1000)), TESTS[1]))
    text = tests_text.render(many)
    assert len(text.splitlines()) == 7
    assert "1,001 tests: 1 error, 1,000 passed" in text


def test_an_endless_message_is_cut_and_says_so() -> None:
    outcome = Outcome((Tested(Kind.SAMPLE, "a", "b", Status.FAILED, "row\n" * 5_000),))
    assert "… and 4,800 more lines" in tests_text.render(outcome)


def test_a_failure_without_words_is_not_silent() -> None:
    assert "it says nothing" in tests_text.render(Outcome((Tested(Kind.SAMPLE, "a", "b", Status.FAILED),)))


def test_text_cannot_move_the_cursor() -> None:
    text = tests_text.render(hostile())
    assert all(char.isprintable() or char == "\n" for char in text)


def test_json_is_versioned_and_every_test_comes_back() -> None:
    data = json.loads(tests_json.render(OUTCOME))
    assert (data["version"], data["ok"]) == (1, False)
    assert data["counts"] == {"passed": 1, "failed": 1, "error": 1, "skipped": 1}
    assert data["spent"] == {"starting Airflow": 4.0, "rendering": 0.25, "nothing to speak of": 0.01}
    assert tuple(from_plain(each) for each in data["tests"]) == TESTS
    assert tests_json.render(hostile()).isascii()
    assert data["tests"][3]["id"] == "configs/a/b.yaml::pipeline::orders::first[db=sqlite]"


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - of our own making


def assert_valid(element: ET.Element) -> None:
    must, may, children = JUNIT[element.tag]
    assert must <= {*element.keys()} <= must | may, element.tag
    for child in element:
        assert child.tag in children, f"{child.tag} in {element.tag}"
        assert_valid(child)


@pytest.mark.parametrize("outcome", [OUTCOME, Outcome(()), *(hostile(status) for status in Status)])
def test_junit_is_valid(outcome: Outcome) -> None:
    text = junit.render(outcome)
    text.encode()
    assert_valid(parsed(text))


def test_junit_counts_and_shows_the_rows() -> None:
    root = parsed(junit.render(OUTCOME))
    suites = {each.get("name"): each for each in root}
    assert [*suites] == ["mergeflow.integrity", "mergeflow.sample", "mergeflow.pipeline"]
    counts = {key: suites["mergeflow.integrity"].get(key) for key in ("tests", "failures", "errors", "skipped", "time")}
    assert counts == {"tests": "2", "failures": "0", "errors": "1", "skipped": "0", "time": "300.250"}
    case = suites["mergeflow.pipeline"][0]
    assert (case.get("classname"), case.get("name")) == (
        "mergeflow.pipeline.configs.a.b_yaml",
        "orders::first[db=sqlite]",
    )
    assert case[0].get("message") == ROWS.partition("\n")[0]
    assert case[0].text == f"configs/a/b.yaml:9\n{ROWS}"


def test_junit_holds_nothing_that_xml_cannot() -> None:
    text = junit.render(hostile())
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", text)
    case = parsed(text)[0][0]
    assert "]]> <b>&amp;</b>" in str(case[0].text)


def test_markdown_begins_with_what_went_wrong() -> None:
    text = tests_markdown.render(OUTCOME)
    assert text.startswith("## ❌ Tests: 4 tests\\: 1 failed, 1 error, 1 passed, 1 skipped\n")
    assert text.index("expect_x") < text.index("<details>")
    assert "such as -5 (id 3)" in text
    assert tests_markdown.render(Outcome(TESTS[:1])).startswith("## ✅ Tests: 1 test\\: 1 passed\n")


def test_markdown_quotes_nothing_that_ends_its_block_or_calls_somebody() -> None:
    text = tests_markdown.render(hostile())
    body = text.partition("<details>")[0]
    assert body.count("</pre>") == 1
    assert "<b>" not in text
    assert "\n\n" not in body.partition("<pre>")[2].partition("</pre>")[0]
    assert "@everyone" not in body.partition("<pre>")[0]
    rows = [line for line in text.splitlines() if line.startswith("| ❌")]
    assert len(rows) == 1
    assert len(re.findall(r"(?<!\\)\|", rows[0])) == 6


def test_markdown_fits_into_a_summary() -> None:
    long = Outcome(tuple(Tested(Kind.SAMPLE, "a" * 200, f"{i}", Status.FAILED, "row 1\n" * 300) for i in range(3_000)))
    text = tests_markdown.render(long)
    assert len(text.encode()) < 2**20
    assert "more to tell of 3,000 tests" in text


def test_what_a_passed_test_warns_of_is_told_before_what_went_wrong() -> None:
    warns = Tested(Kind.SAMPLE, "validators/samples/a/b.csv", "b.csv", Status.PASSED, ROWS)
    told = tests_text.render(Outcome((TESTS[1], warns)))
    assert "validators/samples/a/b.csv:1 b.csv  (with a warning)\n" in told
    assert 0 < told.index("-5 (id 3)") < told.index("it ran for more than 300 s")
    assert "1 of 3 values" in tests_markdown.render(Outcome((warns,)))
    many = tests_text.render(Outcome((*TESTS[:1] * tests_text.SHOWN, warns)))
    assert many.startswith("passed     0.00 s  sample"), "of many tests, those that have nothing to tell have no line"


WARNED = Outcome((Tested(Kind.SAMPLE, "validators/samples/a/b.csv", "b.csv", Status.PASSED, "warning: 3 of 9 values"),))


def test_what_a_passed_test_warns_of_is_told_everywhere() -> None:
    assert "passed     0.00 s  sample     validators/samples/a/b.csv:1 b.csv  (with a warning)" in tests_text.render(
        WARNED
    )
    assert "warning: 3 of 9 values" in tests_text.render(WARNED)
    assert parsed(junit.render(WARNED)).findtext(".//system-out") == "warning: 3 of 9 values"
    assert "⚠️ **b.csv**" in tests_markdown.render(WARNED)
    assert tests_markdown.render(WARNED).startswith("## ✅")
    assert tests_github.render(WARNED).startswith(
        "::warning file=validators/samples/a/b.csv,line=1,title=sample b.csv::"
    )


def test_github_is_shown_what_went_wrong_at_its_line() -> None:
    lines = tests_github.render(OUTCOME).splitlines()
    assert lines[0] == "::error file=dags/a.py,line=1,title=integrity dags/a.py::it ran for more than 300 s"
    head, rows = ROWS.splitlines()
    title = "pipeline orders%3A%3Afirst[db=sqlite]"
    assert lines[1] == f"::error file=configs/a/b.yaml,line=9,title={title}::{head}%0A{rows}"
    assert len(lines) == 4


def test_what_a_test_says_is_no_command_of_its_own() -> None:
    lines = tests_github.render(hostile()).splitlines()
    assert [line[:8] for line in lines] == ["::error ", "1 test: ", "0.0 s"]
