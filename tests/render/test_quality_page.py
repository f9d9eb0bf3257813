"""The page of a report as text: never kinder than the data, whatever the file holds, and nothing in it is markup."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from mergeflow.render import quality_page
from mergeflow.render.expectation_words import wanted
from mergeflow.render.quality_page import Site, headline, index, page
from mergeflow.render.quality_trend import MOST, percent, since, spark, trend
from mergeflow.render.quality_view import view
from mergeflow.render.shown_values import shown
from tests.browser.reports import MARKUP, Report, hostile, many, outcome, report, usual, week

SITE = Site(
    home="/home",
    dag=lambda each: f"/dag/{each.dag_id}",
    report=lambda each: f"/report/{each.run_id}/{each.try_number}",
    task=lambda each: f"/task/{each.task_id}",
)
VOID = {"meta", "link", "br", "wbr", "img"}


class Elements(HTMLParser):
    """The elements of a page, and its text; refuses what is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data if "style" not in self._open else ""


def verdict(result: Any, **more: Any) -> str:
    return view({**report([]), "result": result, **more}).verdict


def one(status: Any, severity: Any = "critical") -> Report:
    return {"success": True, "outcomes": [outcome("x", status=status, severity=severity)]}


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (None, "error"),
        ([], "error"),
        ("passed", "error"),
        ({}, "failed"),
        ({"success": 1, "outcomes": [outcome("x")]}, "failed"),
        ({"success": False, "outcomes": [outcome("x")]}, "failed"),
        (one("failed"), "failed"),
        (one("error"), "failed"),
        (one("PASSED"), "failed"),
        (one(None), "failed"),
        (one(["passed"]), "failed"),
        (one("failed", "warning"), "warned"),
        (one("error", "warning"), "warned"),
        (one("failed", "info"), "failed"),
        (one("failed", None), "failed"),
        ({"success": True, "outcomes": []}, "empty"),
        ({"success": True, "outcomes": "none"}, "empty"),
        ({"success": True, "outcomes": [None, 7]}, "failed"),
        (one("passed"), "passed"),
    ],
)
def test_nothing_is_taken_for_a_pass_that_is_not_known_to_be_one(result: Any, expected: str) -> None:
    assert verdict(result) == expected


def test_an_error_beside_a_result_is_not_passed_over() -> None:
    assert verdict(one("passed"), error="the connection was lost") == "error"


@pytest.mark.parametrize("given", [{}, {"result": {"outcomes": [{}]}}, *({key: MARKUP} for key in report([]))])
def test_a_file_of_any_form_gives_a_page(given: Report) -> None:
    text = page({**report(usual(1)), **given} if given else {}, [given, {}, report(usual())], [1, 2], SITE)
    assert "</html>" in text
    assert "</html>" in index([given], SITE)


def test_nothing_of_a_report_is_markup() -> None:
    for text in (page(hostile(), [hostile()] * 3, [1, 2], SITE), index([hostile()], SITE, MARKUP)):
        found = Elements(text)
        assert not found.names & {"script", "img", "iframe", "object", "form", "base", "embed"}
        assert not [name for name, _ in found.attributes if name.startswith("on") or name == "style"]
        led = [value for name, value in found.attributes if name in {"href", "src"}]
        assert all(value.startswith(("/", "#", "data:,")) for value in led)
        assert MARKUP in found.text


def test_no_character_can_turn_a_line_around_or_hide() -> None:
    text = page(hostile())
    assert not re.search("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f\ud800-\udfff]", text)
    assert "safe\\u202egnp.exe" in text
    text.encode()


def test_a_page_needs_nothing_but_itself() -> None:
    text = page(week()[-1], week(), [1, 2], SITE)
    assert not re.findall(r"https?:|//[a-z]|url\(|@import|<script", text)
    assert quality_page.policy().replace("'", "&#39;") in text


def test_a_page_without_a_site_leads_nowhere() -> None:
    found = Elements(page(week()[-1], week(), [1, 2]))
    assert {value[0] for name, value in found.attributes if name == "href"} == {"#", "d"}


@pytest.mark.parametrize(
    ("result", "on_failure", "title", "said"),
    [
        (usual(3), "fail", "1 critical expectation is broken", "The task failed"),
        (usual(3), "warn", "1 critical expectation is broken", "only reported"),
        (usual(3), "skip_downstream", "1 critical expectation is broken", "are skipped"),
        (usual(0, 2), "fail", "Fit for use, with 1 warning", "8 of 9 expectations hold"),
        (usual(), "fail", "All 9 expectations hold", "went on"),
        ([], "fail", "There was nothing to check", "nothing is known"),
        (None, "fail", "The data could not be checked", "This is no pass"),
        ([outcome("x", status="error")], "fail", "1 critical expectation could not be checked", "The task failed"),
        (
            [outcome("x", status="error"), *([outcome("y", status="failed")] * 2)],
            "fail", "2 critical expectations are broken and 1 critical expectation could not be checked", "failed",
        ),
    ],
)  # fmt: skip
def test_the_first_words_say_what_came_of_it(
    result: list[Report] | None, on_failure: str, title: str, said: str
) -> None:
    text = Elements(page(report(result, on_failure=on_failure))).text
    assert title in text
    assert said in text


def test_what_stops_the_pipeline_stands_before_what_warns() -> None:
    shown = [each.column for each in view(report([*reversed(usual(1, 1))])).broken]
    assert shown == ["amount", "stock_symbol"]


def test_broken_values_are_counted_and_shown_with_their_rows() -> None:
    text = Elements(page(report(usual(3)))).text
    for each in ("3 of 131 values", "(2.29\xa0%)", "3 examples", "transaction_id", "90211", "-20.5"):
        assert each in text


def test_more_broken_values_than_are_shown_are_told() -> None:
    broken = outcome("x", status="failed", unexpected=12_345, total=10**7, examples=[{"value": 1, "key": {}}])
    text = Elements(page(report([broken]))).text
    assert "1 of 12,345 examples" in text
    assert "12,345 of 10,000,000 values" in text


def test_what_is_masked_stays_masked() -> None:
    broken = outcome(
        "x", "iban", status="failed", unexpected=1, total=2, examples=[{"value": "•••", "key": {"id": "•••"}}]
    )
    assert Elements(page(report([broken]))).text.count("•••") == 3  # and once in the footer


def test_five_hundred_expectations_are_a_page_of_bounded_size() -> None:
    text = page(many(), [many()] * MOST, [], SITE)
    assert len(text) < 1_500_000
    assert text.count("<article") == 250


def test_the_trend_has_the_last_runs_and_marks_its_own() -> None:
    views = [view(each) for each in week()]
    drawn = trend(views, views[3], SITE.report)
    assert [each.here for each in drawn.columns] == [number == 3 for number in range(25)]
    assert [each.verdict for each in drawn.columns][-6:] == ["passed", "warned", *["failed"] * 4][-6:]
    highest = max(drawn.columns, key=lambda each: each.high)
    assert highest is drawn.columns[-1]
    assert (drawn.columns[14].verdict, drawn.columns[14].high) == ("error", 0)
    assert "1 not checked" in drawn.said


def test_the_trend_is_there_without_a_picture() -> None:
    text = Elements(page(week()[-1], week(), [], SITE)).text
    table = text[text.index("These runs as a table") :]
    assert table.count("UTC") >= 25
    assert table.count("broken") >= 5


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (24, "It has been like this for 4 runs, since 3 Nov, 20:30 UTC."),
        (21, "The run before it (3 Nov, 19:30 UTC) had only warnings."),
        (9, "The run before it (3 Nov, 07:30 UTC) was fine."),
        (14, "The run before it (3 Nov, 12:30 UTC) was fine."),
        (5, "It has been like this for 2 runs, since 3 Nov, 03:30 UTC."),
        (3, ""),
        (0, ""),
    ],
)
def test_since_when_it_is_like_this(number: int, said: str) -> None:
    views = [view(each) for each in week()]
    assert since(views, views[number]) == said
    assert said in page(week()[number], week())


def test_what_was_always_broken_is_so_for_at_least_as_long_as_is_known() -> None:
    views = [view(report(usual(1), number, started=None)) for number in range(3)]
    assert since(views, views[-1]) == "It has been like this for at least 3 runs."
    assert since(views, view(report(usual(1), 9))) == ""


def test_one_run_is_no_trend() -> None:
    assert "runs as a table" not in page(report(usual()), [report(usual())])


def test_an_expectations_history_is_that_of_the_same_parameters() -> None:
    other = report([outcome("x", parameters={"min_value": 2}, status="failed", unexpected=1, total=2)])
    same = report([outcome("x", parameters={"min_value": 1}, status="failed", unexpected=1, total=4)])
    away = report(None, error="away")
    now = view(same, [other, same, away, same]).rows[0]
    assert now.history == (None, 0.25, None, 0.25)
    drawn = spark(now)
    assert drawn is not None
    assert drawn.said == "Broken in 2 of the last 2 runs, at most 25\xa0%"
    assert drawn.path.count("M") == 2


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0"),
        (1e-9, "under 0.01"),
        (0.0001, "0.01"),
        (0.0229, "2.29"),
        (0.5, "50"),
        (0.99999, "over 99.99"),
        (1, "100"),
    ],
)
def test_a_share_is_never_rounded_to_none_or_all(share: float, text: str) -> None:
    assert percent(share) == f"{text}\xa0%"


@pytest.mark.parametrize(
    ("unexpected", "total"), [(1, 0), (5, 3), (-1, 3), (True, 3), (10**400, 10**400), ("1", 2), (None, 2), (1.5, 3)]
)
def test_numbers_that_cannot_be_are_no_traceback(unexpected: Any, total: Any) -> None:
    found = view(report([outcome("x", status="failed", unexpected=unexpected, total=total)]))
    assert found.share is None or 0 <= found.share <= 1
    assert headline(found) in page(report([outcome("x", status="failed", unexpected=unexpected, total=total)]))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("AAPL", "AAPL"), ("", '""'), (" a", '" a"'), ("11", '"11"'), ("null", '"null"'), ("12,50", '"12,50"'),
        (11, "11"), (None, "null"), (True, "true"), ({"a": [1]}, '{"a": [1]}'), ("a\u202eb", "a\\u202eb"),
        ("\U000e0041", "\\U000e0041"), ("é 漢 🙂", "é 漢 🙂"), ("a\nb", "a\nb"), ("a\tb", "a\\u0009b"),
    ],
)  # fmt: skip
def test_a_value_cannot_be_taken_for_another(value: Any, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        ("expect_column_values_to_be_between", {"min_value": 5, "max_value": 500}, "values are between 5 and 500"),
        ("ExpectColumnValuesToBeBetween", {"min_value": 5, "strict_min": True}, "values are more than 5"),
        ("expect_column_values_to_be_between", {}, "values are of any size"),
        ("expect_column_mean_to_be_between", {"max_value": 2}, "the mean is at most 2"),
        ("expect_table_row_count_to_be_between", {"min_value": 1}, "the number of rows is at least 1"),
        ("expect_column_values_to_be_in_set", {"value_set": ["a", "1"]}, 'values are one of a, "1"'),
        ("expect_column_values_to_be_in_set", {"value_set": "•••"}, "values are one of •••"),
        ("expect_column_values_to_not_be_null", {"mostly": 0.95}, "no value is missing, for at least 95 %"),
        ("expect_column_values_to_be_in_set", {}, "values to be in set"),
        ("expect_something_new", {"column": "a", "how": [1]}, "something new (how: 1)"),
        ("expect_something_new", {"mostly": 0.5}, "something new (mostly: 0.5)"),
        ("expect_column_values_to_match_regex", {"regex": "{value}"}, "values match {value}"),
        ("", {}, ""),
    ],
)
def test_a_wish_in_words(name: str, parameters: Report, words: str) -> None:
    assert wanted(name, {"column": "a"} | parameters) == words


def test_the_index_shows_the_worst_first_and_counts_them() -> None:
    reports = [report(usual()), report(usual(0, 1)), report(None), report([]), report(usual(1))]
    text = Elements(index([*reports, report(usual())], SITE)).text
    places = [text.index(each) for each in ("1 critical", "could not be", "Fit for use", "nothing to check", "All 9")]
    assert places[0] < places[1] < places[2]
    assert places[4] == max(places)
    assert "2 holds" in text


def test_an_index_that_is_cut_says_so() -> None:
    assert "there may be more" in index([report(usual())], SITE, more=True)
    assert "there may be more" not in index([report(usual())], SITE)
