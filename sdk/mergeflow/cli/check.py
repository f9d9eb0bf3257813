"""`mergeflow check`: what is wrong with the configs, at file, line and column."""

from pathlib import Path

import click

from mergeflow.checker import check as check_project
from mergeflow.cli.edge import wants_color, wrong_use
from mergeflow.render import text
from mergeflow.workspace import find_root, known_around, select


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Print every diagnostic, not the first 50.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing when there are no problems.")
@wrong_use
def check(paths: tuple[Path, ...], *, everything: bool, quiet: bool) -> int:
    """Check config files, folders, or everything: without Airflow, and without running anything that they name.

    Exits 0 when there are no errors, 1 when there are.
    """
    root = find_root(Path.cwd())
    selection = select(root, paths)
    report = check_project(selection.project, known_around(root), selection.focus)
    if report.diagnostics or not quiet:
        click.echo(text.render(report, color=wants_color(), everything=everything))
    return 1 if report.errors else 0
