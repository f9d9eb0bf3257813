"""`mergeflow check`: what is wrong with the configs, at file, line and column."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mergeflow.checker import check as check_project
from mergeflow.cli.edge import wants_color, wrong_use
from mergeflow.cli.waiting import Waiting
from mergeflow.diagnostic import Report, in_order
from mergeflow.render import text
from mergeflow.rules import HOUSE_RULES, RULES
from mergeflow.workspace import Selection, find_root, in_environment, known_around, select

if TYPE_CHECKING:
    from mergeflow.rules.house import House

FORMATS = ("text", "json", "github", "sarif")


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Print every diagnostic, not the first 50.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing when there are no problems.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="For people, programs, GitHub's annotations or code scanning; all but text print everything.",
)
@click.option(
    "--changed",
    "base",
    metavar="BASE",
    help="Check what differs from where this branch left BASE, and what depends on it.",
)
@click.option("--env", "environment", help="Check one environment only.  [default: none and all of them]")
@click.option("--no-house-rules", is_flag=True, help=f"Do not run the Python in {HOUSE_RULES}/.")
@click.option("--watch", is_flag=True, help="Check again whenever a file changes, until Ctrl-C.")
@wrong_use
def check(  # noqa: PLR0913 - each is an option
    paths: tuple[Path, ...],
    *,
    everything: bool,
    quiet: bool,
    form: str,
    base: str | None,
    environment: str | None,
    no_house_rules: bool,
    watch: bool,
) -> int:
    """Check config files, folders, or everything: without Airflow, and without running anything that they name.

    Exits 0 when there are no errors, 1 when there are.
    """
    root = find_root(Path.cwd())
    if paths and base is not None:
        raise click.UsageError("--changed finds the paths itself: give either")

    @wrong_use
    def once() -> int:
        report, house = _checked(root, paths, base, environment, house_rules=not no_house_rules)
        if report.diagnostics or not quiet:
            shown = _shown(report, house, form, everything=everything)
            if base is not None and form == "text" and report == Report():
                shown = f"nothing to check has changed since {base}"
            if shown:
                click.echo(shown)
        return 1 if report.errors else 0

    if not watch:
        return once()
    if form != "text":
        raise click.UsageError("--watch is for people to read, so it goes with --format text only")
    from mergeflow.cli.watch import again_and_again

    return again_and_again(root, once)


def _checked(
    root: Path, paths: tuple[Path, ...], base: str | None, environment: str | None, *, house_rules: bool
) -> tuple[Report, "House | None"]:
    """The report, and the house rules that had a say in it."""
    with Waiting("reading the configs") as waiting:
        selection = select(root, paths) if base is None else _changed(root, base)
        if environment is not None:
            selection = selection._replace(project=in_environment(selection.project, environment))
        waiting.now("checking them")
        known = known_around(root)
        if not (house_rules and (root / HOUSE_RULES).is_dir()):
            return check_project(selection.project, known, selection.focus), None
        from contextlib import redirect_stdout

        from mergeflow.rules.house import load_house

        with redirect_stdout(sys.stderr):  # what a rule prints must not get into the report
            house = load_house(root)
            report = check_project(selection.project, known, selection.focus, (*RULES, *house.rules))
        return replace(report, diagnostics=in_order([*report.diagnostics, *house.failures])), house


def _changed(root: Path, base: str) -> Selection:
    from mergeflow.changes import select_changed

    return select_changed(root, base)


def _shown(report: Report, house: "House | None", form: str, *, everything: bool) -> str:
    """The report in a format; what only this format needs is imported only now."""
    if form == "text":
        return text.render(report, color=wants_color(), everything=everything)
    if form == "json":
        from mergeflow.render import as_json

        return as_json.render(report)
    if form == "github":
        from mergeflow.render import github

        return github.render(report)
    from mergeflow import __version__
    from mergeflow.render import sarif
    from mergeflow.rules.page import pages

    known = pages(house.pages if house else ())
    return sarif.render(report, known, __version__)
