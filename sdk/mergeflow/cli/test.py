"""`mergeflow test`: what a check cannot tell, tried in a real Airflow and on data."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mergeflow.cli import line
from mergeflow.cli.edge import wants_color, wrong_use
from mergeflow.tested import Kind
from mergeflow.workspace import WrongUse, find_root

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mergeflow.tested import Outcome, Tested
    from mergeflow.testing.jobs import Job
    from mergeflow.testing.wanted import Wanted

FORMATS = ("text", "json", "github", "junit", "markdown")
_LABEL = 40
"""Characters of a test's name beside the bar."""
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("names", nargs=-1, metavar="[PATH | DAG_ID]...")
@click.option(
    "--changed",
    "base",
    metavar="BASE",
    help="Test what this branch touches since it left BASE, and what is downstream.",
)
@click.option(
    "--only",
    "kinds",
    multiple=True,
    type=click.Choice([each.value for each in Kind]),
    help="Only these kinds of tests; may be repeated.",
)
@click.option("--env", "environment", envvar="MERGEFLOW_ENV", default="", help="Test in this environment.")
@click.option("--jobs", type=click.IntRange(1, 64), help="How many tests run at once.  [default: one for each core]")
@click.option(
    "--limit", type=click.IntRange(1, 86_400), default=300, show_default=True, help="Seconds that one test may take."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="For people, programs, GitHub's annotations, CI servers or a job's summary.",
)
@click.option("--junit", type=_FILE, help="Also write JUnit XML into this file.")
@click.option("--summary", type=_FILE, help="Also append Markdown to this file, such as $GITHUB_STEP_SUMMARY.")
@click.option("--list", "listing", is_flag=True, help="Name the tests, and run none.")
@wrong_use
def test(  # noqa: PLR0913 - each is an option
    names: tuple[str, ...],
    *,
    base: str | None,
    kinds: tuple[str, ...],
    environment: str,
    jobs: int | None,
    limit: int,
    form: str,
    junit: Path | None,
    summary: Path | None,
    listing: bool,
) -> int:
    """Test DAGs under a real Airflow, samples against their suites, and pipelines on throw-away databases.

    Without arguments everything is tested. Exits 0 when all have passed or were skipped, 1 when one has failed.
    """
    if names and base is not None:
        raise click.UsageError("--changed finds the tests itself: give either")
    began = time.monotonic()
    root = find_root(Path.cwd())
    only = {Kind(each) for each in kinds} or set(Kind)
    wanted = _wanted(root, names, base, environment)
    if listing:
        click.echo("".join(f"{line(each)}\n" for each in wanted.ids(only)), nl=False)
        return 0
    todo, known = wanted.jobs(only)
    outcome = _run(root, todo, known, jobs=jobs, limit=limit, environment=environment, began=began)
    if not outcome.tests and form == "text":
        click.echo(f"nothing to test has changed since {base}" if base else "there is nothing to test")
    else:
        click.echo(_rendered(outcome, form), nl=form not in ("junit", "markdown"))
    _keep(outcome, junit, summary)
    return 1 if outcome.is_bad else 0


def _wanted(root: Path, names: Sequence[str], base: str | None, environment: str) -> Wanted:
    """What is to be tested."""
    from mergeflow.cli.waiting import Waiting
    from mergeflow.testing.inventory import Inventory
    from mergeflow.testing.selection import named
    from mergeflow.testing.touched import touched
    from mergeflow.testing.wanted import Wanted

    with Waiting("choosing the tests"):
        inventory = Inventory(root, environment)
        if base is not None:
            return touched(inventory, base)
        return named(inventory, names, Path.cwd()) if names else Wanted(inventory).everything()


def _run(  # noqa: PLR0913
    root: Path,
    todo: Sequence[Job],
    known: Sequence[Tested],
    *,
    jobs: int | None,
    limit: int,
    environment: str,
    began: float,
) -> Outcome:
    from mergeflow.cli.waiting import Waiting
    from mergeflow.tested import Outcome
    from mergeflow.testing.session import Session, slots

    _refuse_without_extras(todo)
    with Waiting("starting") as waiting:
        session = Session(root, jobs or slots(), float(limit), environment)
        session.tell = lambda done, running: waiting.now(_progress(done, len(todo), running))
        tests = [*known, *session.run(todo)]
    tests.sort(key=lambda each: (list(Kind).index(each.kind), each.path, each.line, each.name))
    workers = min(session.slots, max(len(todo), 1))
    return Outcome(tuple(tests), time.monotonic() - began, dict(session.took), workers)


def _progress(done: int, total: int, running: Sequence[str]) -> str:
    """How far it is, as rich shows it, for which a bracket begins a colour."""
    now = ", ".join(line(each)[:_LABEL] for each in running).replace("[", "\\[")
    return f"{done} of {total} done" + (f", {now}" if now else "")


def _refuse_without_extras(todo: Sequence[Job]) -> None:
    """Raise WrongUse where what the tests need is not installed."""
    from importlib.util import find_spec

    needs = {
        "airflow": ("airflow", "dagfactory") if any(job.kind is not Kind.SAMPLE for job in todo) else (),
        "quality": ("great_expectations",) if any(job.needs_quality for job in todo) else (),
    }
    missing = [extra for extra, modules in needs.items() if not all(map(find_spec, modules))]
    if missing:
        what = " and ".join({"airflow": "Airflow", "quality": "Great Expectations"}[each] for each in missing)
        raise WrongUse(f"these tests need {what}: pip install 'mergeflow[{','.join(missing)}]'")


def _rendered(outcome: Outcome, form: str) -> str:
    from mergeflow.render import junit, tests_github, tests_json, tests_markdown, tests_text

    if form == "text":
        return tests_text.render(outcome, color=wants_color())
    renders = {
        "json": tests_json.render,
        "github": tests_github.render,
        "junit": junit.render,
        "markdown": tests_markdown.render,
    }
    return renders[form](outcome)


def _keep(outcome: Outcome, junit: Path | None, summary: Path | None) -> None:
    """Write the reports that somebody asked for beside the output."""
    for file, form, how in ((junit, "junit", "w"), (summary, "markdown", "a")):
        if file is None:
            continue
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open(how, encoding="utf-8", errors="replace") as opened:
                opened.write(_rendered(outcome, form))
        except OSError as error:
            sys.stdout.flush()
            raise WrongUse(f"{file} cannot be written: {error.strerror}") from None
