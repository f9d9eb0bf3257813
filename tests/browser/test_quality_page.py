"""The pages of reports in Chromium: on a phone and a desk, by day and by night, read by eyes and by programs.

Chromium is no dependency of this repository. `make drawn` must find it, as it does in CI; elsewhere this is skipped
where it is missing. With MERGEFLOW_SCREENSHOTS naming a folder, pictures of all pages are left there to be looked at.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mergeflow.render.quality_page import Site, index, message, page
from tests.browser.chromium import Chromium, started
from tests.browser.reports import hostile, many, report, week

pytestmark = pytest.mark.service

SITE = Site(home="/home", dag=lambda _: "/dag", report=lambda _: "/report", task=lambda _: "/task")
WIDTHS = (320, 375, 1280)
AUDIT = (Path(__file__).parent / "audit.js").read_text()


def pages() -> dict[str, str]:
    """Every kind of page by name."""
    runs = week()
    away = {**runs[14], "dag_id": "kpi_daily"}
    return {
        "broken": page(runs[-1], runs, [1, 2], SITE),
        "warned": page(runs[5], runs, [], SITE),
        "passed": page(runs[3], runs, [], SITE),
        "error": page(runs[14], runs, [], SITE),
        "empty": page(report([]), [], [], SITE),
        "hostile": page(hostile(), [hostile()] * 3, [], SITE),
        "many": page(many(), [many()] * 30, [], SITE),
        "index": index([*runs[-3:], runs[3], away, report([]), hostile()], SITE),
        "missing": message("There is no such report", ["The try has not ended."], "/home"),
    }


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with started(tmp_path_factory.mktemp("profile")) as chromium:
        yield chromium


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages as files, which is how somebody may have been sent one."""
    folder = tmp_path_factory.mktemp("pages")
    for name, text in pages().items():
        (folder / f"{name}.html").write_text(text)
    return {file.stem: file for file in folder.iterdir()}


def seen(browser: Chromium, file: Path, width: int, *, dark: bool) -> dict[str, Any]:
    """What is wrong with a page, as its browser sees it; all that may be unfolded is."""
    browser.show(file.as_uri(), width, dark=dark)
    if kept := os.environ.get("MERGEFLOW_SCREENSHOTS"):
        browser.screenshot(Path(kept) / f"{file.stem}-{width}-{'dark' if dark else 'light'}.png")
    found: dict[str, Any] = browser.evaluate(AUDIT)
    return found | {
        "requests": [url for url in browser.requests() if url != file.as_uri()],
        "said": browser.complaints(),
    }


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", sorted(pages()))
def test_a_page_is_readable_and_fetches_nothing(
    browser: Chromium, files: dict[str, Path], name: str, width: int, *, dark: bool
) -> None:
    found = seen(browser, files[name], width, dark=dark)
    assert found["looked"] >= 3
    assert found["wide"] <= width
    assert found["faint"] == []
    assert found["unnamed"] == []
    assert found["headings"] == []
    assert found["requests"] == []
    assert found["said"] == []


def test_a_page_follows_the_readers_day_and_night(browser: Chromium, files: dict[str, Path]) -> None:
    colours = []
    for dark in (False, True):
        browser.show(files["broken"].as_uri(), 375, dark=dark)
        colours.append(browser.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert colours[0] != colours[1]


def test_hostile_values_do_nothing(browser: Chromium, files: dict[str, Path]) -> None:
    browser.show(files["hostile"].as_uri(), 1280, dark=False)
    assert browser.evaluate("document.scripts.length + document.images.length + document.forms.length") == 0
    assert "2 critical expectations" in browser.evaluate("document.title")
    assert browser.evaluate("document.querySelector('.broken td').textContent").strip().startswith("<script>")


def test_the_policy_stops_what_a_mistake_would_let_in(
    browser: Chromium, files: dict[str, Path], tmp_path: Path
) -> None:
    """Were a value ever not escaped, the page would still run nothing and ask nobody."""
    text = files["passed"].read_text().replace(
        "<main>",
        "<main><script>document.title = 'run'</script><img src='http://127.0.0.1:9/x' onerror=\"document.title='run'\">"
        "<style>body { background: url(http://127.0.0.1:9/y) }</style><p style='color: red'>",
    )  # fmt: skip
    (tmp_path / "let-in.html").write_text(text)
    browser.show((tmp_path / "let-in.html").as_uri(), 375, dark=False)
    assert "All 9 expectations hold" in browser.evaluate("document.title")
    assert [url for url in browser.requests() if "let-in.html" not in url] == []
    assert len(browser.complaints()) >= 4


def test_a_verdict_is_never_told_by_colour_alone(browser: Chromium, files: dict[str, Path]) -> None:
    """Each mark of the trend has a shape of its own, and beside it, or in its title, a word."""
    browser.show(files["broken"].as_uri(), 375, dark=False)
    marks = browser.evaluate(
        "[...document.querySelectorAll('.trend g')].map(g => [g.querySelector('use').getAttribute('href'), "
        "g.querySelector('title').textContent])"
    )
    words = {"#passed": "holds", "#warned": "warning", "#failed": "broken", "#error": "not checked"}
    assert {shape for shape, _ in marks} == {*words}
    assert all(words[shape] in said for shape, said in marks)
    shapes = browser.evaluate("[...document.querySelectorAll('symbol')].map(each => each.innerHTML)")
    assert len({*shapes}) == len(shapes) == 5


def test_it_is_read_with_a_keyboard(browser: Chromium, files: dict[str, Path]) -> None:
    """What scrolls and what unfolds can be reached, and where one is can be seen."""
    browser.show(files["broken"].as_uri(), 375, dark=False)
    reached = browser.evaluate(
        "[...document.querySelectorAll('a[href], summary, [tabindex=\"0\"]')].filter(e => e.checkVisibility() && "
        "e.getAttribute('tabindex') !== '-1').map(e => { e.focus({focusVisible: true}); "
        "return document.activeElement === e && getComputedStyle(e).outlineStyle !== 'none'; })"
    )
    assert len(reached) > 8
    assert all(reached)


def test_what_was_cut_can_be_unfolded(browser: Chromium, files: dict[str, Path]) -> None:
    browser.show(files["hostile"].as_uri(), 375, dark=False)
    lengths = browser.evaluate(
        "[...document.querySelectorAll('td details')].map(e => { const before = e.offsetHeight; e.open = true; "
        "return [before, e.offsetHeight, e.querySelector(':scope > bdi').textContent.length]; })"
    )
    assert len(lengths) >= 8
    assert all(before < after and length >= 1_000 for before, after, length in lengths)


def test_a_large_suite_is_drawn_quickly(browser: Chromium, files: dict[str, Path]) -> None:
    browser.show(files["many"].as_uri(), 375, dark=False)
    assert browser.evaluate("document.querySelectorAll('article').length") == 250
    assert browser.evaluate("document.querySelectorAll('article details[open]').length") == 25
