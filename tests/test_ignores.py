"""Comments that ignore a rule on a line: what they reach, and what is said of those that reach nothing."""

from collections.abc import Callable

import pytest

from mergeflow.checker import check
from mergeflow.diagnostic import Report
from mergeflow.document import Document, parse
from mergeflow.files import POLICY
from mergeflow.ignores import Ignore, ignores_of
from mergeflow.rules import RULES
from mergeflow.workspace import known_around, select
from tests.conftest import Repository

Make = Callable[..., Repository]

EMPTY = "airflow.providers.standard.operators.empty.EmptyOperator"
BASH = "airflow.providers.standard.operators.bash.BashOperator"
FILE = "configs/team/a.yaml"
WRONG = f"load: {{operator: {EMPTY}, dependencies: [extarct]}}"
RIGHT = f"load: {{operator: {EMPTY}}}"


def config(above: str = "", behind: str = "", task: str = WRONG) -> str:
    return f"orders:\n  tasks:\n{above}    {task}{behind}\n"


def found(report: Report) -> list[tuple[int, str]]:
    """Line and rule of each diagnostic."""
    return [(each.location.span.start.line, each.rule) for each in report.diagnostics]


def comments(text: str) -> tuple[Ignore, ...]:
    document = parse(FILE, text.encode())
    assert isinstance(document, Document)
    return ignores_of(document)


@pytest.mark.parametrize(
    "text",
    [
        config(behind=" # mergeflow: ignore[unknown-dependency] it comes later"),
        config(behind="  #mergeflow:ignore [ unknown-dependency ] it comes later"),
        config(behind=" # mergeflow: ignore[cycle, unknown-dependency] it comes later"),
        config(above="    # mergeflow: ignore[unknown-dependency] it comes later\n"),
        config(above="# mergeflow: ignore[unknown-dependency] it comes later\n"),
        config(above="    # mergeflow: ignore[unknown-dependency] it comes later\n    # (says Ada)\n"),
        config(above="  # mergeflow: ignore[unknown-dependency] it comes\n  # mergeflow: ignore[cycle] never\n"),
    ],
)
def test_a_comment_ignores_a_rule_on_its_line_or_the_next(repository: Make, text: str) -> None:
    report = repository({FILE: text}).check()
    assert "unknown-dependency" not in {each.rule for each in report.diagnostics}
    assert not report.broken
    assert report.ignored == 1


@pytest.mark.parametrize(
    "text",
    [
        config(behind=" # mergeflow: ignore[unknown-dependency]"),
        config(behind=" # mergeflow: ignore[cycle] it comes later"),
        config(behind=" # mergeflow: ignore unknown-dependency it comes later"),
        config(above="    # mergeflow: ignore[unknown-dependency] it comes later\n\n"),
        "# mergeflow: ignore[unknown-dependency] it comes later\n" + config(),
        config() + "    # mergeflow: ignore[unknown-dependency] it comes later\n",
        config(above=f"    first: {{operator: {EMPTY}}} # mergeflow: ignore[unknown-dependency] it comes later\n"),
    ],
)
def test_a_comment_without_reason_slug_or_problem_is_itself_reported(repository: Make, text: str) -> None:
    report = repository({FILE: text}).check()
    assert sorted(each.rule for each in report.diagnostics) == ["unknown-dependency", "unused-ignore"]
    assert report.broken


@pytest.mark.parametrize(
    ("comment", "words", "hint"),
    [
        ("ignore[cycle] why not", "there is no `cycle` here to ignore", "remove it"),
        ("ignore[cycel] why not", "there is no rule `cycel` to ignore", "did you mean `cycle`?"),
        ("ignore[cycle]", "`cycle` is not ignored, because no reason is given", "say why"),
        ("ignore cycle", "names no rule", "ignore[<rule>] <reason>"),
        ("ignore[] x", "names no rule", "ignore[<rule>] <reason>"),
        ("ignore[wrong-type] x", "`wrong-type` cannot be ignored", "it must be mended"),
        ("ignore[unknown-team] x", "`unknown-team` cannot be ignored", "only a waiver"),
        ("ignore[unused-ignore] x", "`unused-ignore` cannot be ignored", "only a waiver"),
    ],
)
def test_why_a_comment_does_nothing(repository: Make, comment: str, words: str, hint: str) -> None:
    (only,) = repository({FILE: config(behind=f" # mergeflow: {comment}", task=RIGHT)}).check().diagnostics
    assert only.rule == "unused-ignore"
    assert words in only.message
    assert hint in only.hint


def test_each_slug_that_does_nothing_is_pointed_at(repository: Make) -> None:
    text = config(behind=" # mergeflow: ignore[cycle, shared-name] why")
    diagnostics = repository({FILE: text}).check().diagnostics
    line = text.splitlines()[2]
    pointed = [line[each.location.span.start.column - 1 : each.location.span.end.column - 1] for each in diagnostics]
    assert pointed[1:] == ["cycle", "shared-name"]


def test_what_keeps_a_file_from_being_read_cannot_be_ignored(repository: Make) -> None:
    text = config(
        behind=" # mergeflow: ignore[wrong-type] it works here", task=f"load: {{operator: {EMPTY}, retries: x}}"
    )
    report = repository({FILE: text}).check()
    assert found(report) == [(3, "wrong-type"), (3, "unused-ignore")]
    assert report.broken


def test_an_ignored_rule_that_is_off_or_not_run_is_no_idle_comment(repository: Make) -> None:
    text = config(behind=" # mergeflow: ignore[cycle] it will be one", task=RIGHT)
    made = repository({FILE: text, POLICY: "rules: {cycle: off}\n"})
    assert found(made.check()) == []
    made.write({POLICY: ""})
    others = [rule for rule in RULES if rule.ID != "cycle"]
    assert found(check(select(made.root, []).project, known_around(made.root), rules=others)) == []
    assert found(made.check()) == [(3, "unused-ignore")]


def test_an_idle_comment_is_told_only_of_files_that_were_asked_about(repository: Make) -> None:
    idle = config(behind=" # mergeflow: ignore[cycle] x", task=RIGHT)
    made = repository({"configs/team/b.yaml": "b: {}\n" + idle, FILE: idle})
    assert {each.location.path for each in made.check(FILE).diagnostics if each.rule == "unused-ignore"} == {FILE}


@pytest.mark.parametrize(
    "text",
    [
        "a: |\n  # mergeflow: ignore[cycle] x\n",
        "a: >-\n  x\n  # mergeflow: ignore[cycle] x\n\nb: 1\n",
        'a: "x # mergeflow: ignore[cycle] x"\n',
        "a: 'x\n  # mergeflow: ignore[cycle] x'\n",
        "a: x#mergeflow: ignore[cycle] x\n".replace(": ig", ":ig"),
        "? |\n  # mergeflow: ignore[cycle] x\n: 1\n",
        "a: 1 # mergeflow\n",
        "a: 1 # mergeflow: ignored[cycle] x\n",
    ],
)
def test_a_text_that_looks_like_a_comment_is_none(text: str) -> None:
    assert comments(text) == ()


@pytest.mark.parametrize(
    ("text", "line", "about"),
    [
        ("a: | # mergeflow: ignore[cycle] x\n  text\n", 1, 1),
        ("a: |\n  text\n# mergeflow: ignore[cycle] x\nb: 1\n", 3, 4),
        ("a: |\n  text\n\n # mergeflow: ignore[cycle] x\nb: 1\n", 4, 5),
        ("a: 'x'   # mergeflow: ignore[cycle] x\r\nb: 1\r\n", 1, 1),
        ("a: # mergeflow: ignore[cycle] x\n  b: 1\n", 1, 1),
        ("a: 1\n# mergeflow: ignore[cycle] x", 2, 2),
        ("a: é # mergeflow: ignore[cycle] x\n", 1, 1),
    ],
)
def test_where_a_comment_stands_and_what_it_is_about(text: str, line: int, about: int) -> None:
    (only,) = comments(text)
    assert (only.location.span.start.line, only.line) == (line, about)
    assert only.reason == "x"
    assert [slug for slug, _ in only.slugs] == ["cycle"]


def test_a_file_of_nothing_but_comments_is_read_in_reasonable_time() -> None:
    many = "# mergeflow: ignore[cycle] x\n" * 20_000 + "- 'x'\n" * 20_000
    found_ones = comments(many)
    assert len(found_ones) == 20_000
    assert {each.line for each in found_ones} == {20_001}
