"""`mergeflow rules`: a table, a page, a near name."""

from pathlib import Path

import pytest

from mergeflow.rules.page import Page, pages
from tests.conftest import Run


@pytest.mark.parametrize(
    ("slug", "hint"),
    [
        ("unknwon-key", "did you mean `unknown-key`?"),
        ("unknown_key", "did you mean `unknown-key`?"),
        ("xyz", "`mergeflow rules` lists them"),
        ("a\nb\x1b[2J", "`mergeflow rules` lists them"),
        ("x" * 5000, "`mergeflow rules` lists them"),
        ("", "`mergeflow rules` lists them"),
    ],
)
def test_an_unknown_slug_is_one_line_and_exit_code_2(slug: str, hint: str, mergeflow: Run) -> None:
    ran = mergeflow("rules", slug)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("mergeflow: there is no rule `")
    assert ran.err.endswith(f"`; {hint}\n")
    assert ran.err.strip().isprintable()


def test_two_slugs_are_wrong_use(mergeflow: Run) -> None:
    assert mergeflow("rules", "cycle", "cycle").code == 2


def test_without_a_slug_there_is_a_line_for_each_rule(mergeflow: Run, tmp_path: Path) -> None:
    ran = mergeflow("rules", cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    lines = [line.split(maxsplit=2) for line in ran.out.splitlines()]
    assert lines == [[page.slug, page.level, page.title] for page in pages()]
    columns = {line.index(page.title) for line, page in zip(ran.out.splitlines(), pages(), strict=True)}
    assert len(columns) == 1


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.slug)
@pytest.mark.parametrize("form", ["text", "markdown"])
def test_a_page_says_everything(page: Page, form: str, mergeflow: Run, tmp_path: Path) -> None:
    ran = mergeflow("rules", page.slug, "--format", form, cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert ("Off until validators/policy.yaml gives it a level" in ran.out) == page.optional
    for part in (page.title, page.why, *page.bad.splitlines(), *page.good.splitlines()):
        assert part in ran.out
    assert ran.out.endswith("\n")
    assert not ran.out.endswith("\n\n")


def test_a_whole_page(mergeflow: Run) -> None:
    assert (
        mergeflow("rules", "missing-stub").out
        == """\
missing-stub: error

A team has configs but no stub in `dags/`.

Why: Airflow reads `dags/<team>.py`, and that stub loads the team's folder: without it none of the DAGs is ever live.

Bad:

    # configs/newcomers/orders.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

Good:

    # configs/team/orders.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""
    )
