"""`mergeflow check`: what is wrong with the configs, at file, line and column."""

from pathlib import Path

import click

from mergeflow.checker import check as check_project
from mergeflow.cli.edge import wants_color, wrong_use
from mergeflow.diagnostic import Report
from mergeflow.render import text
from mergeflow.workspace import find_root, known_around, select

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
@wrong_use
def check(paths: tuple[Path, ...], *, everything: bool, quiet: bool, form: str) -> int:
    """Check config files, folders, or everything: without Airflow, and without running anything that they name.

    Exits 0 when there are no errors, 1 when there are.
    """
    root = find_root(Path.cwd())
    selection = select(root, paths)
    report = check_project(selection.project, known_around(root), selection.focus)
    if report.diagnostics or not quiet:
        shown = text.render(report, color=wants_color(), everything=everything) if form == "text" else _as(form, report)
        if shown:
            click.echo(shown)
    return 1 if report.errors else 0


def _as(form: str, report: Report) -> str:
    """The report for a program; what only this format needs is imported only now."""
    if form == "json":
        from mergeflow.render import as_json

        return as_json.render(report)
    if form == "github":
        from mergeflow.render import github

        return github.render(report)
    from mergeflow import __version__
    from mergeflow.render import sarif

    return sarif.render(report, version=__version__)
