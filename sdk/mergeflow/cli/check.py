"""`mergeflow check`: what is wrong with the configs, at file, line and column."""

from pathlib import Path

import click

from mergeflow.cli.checking import Asked, answer, here
from mergeflow.cli.edge import wrong_use
from mergeflow.rules import HOUSE_RULES

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
@click.option(
    "--revision",
    help="Check a revision, read from Git without a checkout, and run no house rules.  [default: the files]",
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
    revision: str | None,
    environment: str | None,
    no_house_rules: bool,
    watch: bool,
) -> int:
    """Check config files, folders, or everything: without Airflow, and without running anything that they name.

    Exits 0 when there are no errors, 1 when there are.
    """
    root = here()
    if paths and base is not None:
        raise click.UsageError("--changed finds the paths itself: give either")
    if revision is not None and (paths or base is not None or watch):
        raise click.UsageError("--revision checks all of a revision: it goes with no paths, --changed or --watch")
    asked = Asked(paths, everything, quiet, form, base, environment, not no_house_rules, revision)
    if not watch:
        return answer(root, asked)
    if form != "text":
        raise click.UsageError("--watch is for people to read, so it goes with --format text only")
    from mergeflow.cli.watch import again_and_again

    return again_and_again(root, wrong_use(lambda: answer(root, asked)))
