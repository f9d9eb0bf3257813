"""`mergeflow plan`: what merging a branch would change, and what comes of it."""

from datetime import UTC, datetime
from pathlib import Path

import click

from mergeflow.cli.edge import wants_color, wrong_use
from mergeflow.diagnostic import Report, Severity
from mergeflow.levels import keeps_out
from mergeflow.planning import Merge, plan_merge
from mergeflow.render import plan as plan_text
from mergeflow.render import plan_json, plan_markdown, text
from mergeflow.rules import RULES
from mergeflow.workspace import find_root


@click.command()
@click.option("--base", default="main", show_default=True, help="Compare with where this revision and the head parted.")
@click.option("--head", help="The revision to merge.  [default: the working tree]")
@click.option(
    "--before",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The base's DAGs as another release's `mergeflow compile` has written them.",
)
@click.option("--env", "environment", envvar="MERGEFLOW_ENV", default="", help="Plan for this environment.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="For people, for programs, or for a comment under a pull request.",
)
@click.option("--now", type=click.DateTime(), hidden=True, help="Plan as at another time, in UTC.")
@wrong_use
def plan(  # noqa: PLR0913 - one for each option
    *, base: str, head: str | None, before: Path | None, environment: str, form: str, now: datetime | None
) -> int:
    """Say which DAGs and tasks a merge adds, changes and removes, and what comes of it.

    Both sides are read from Git, without a checkout. Exits 1 when the head has errors; most of them keep their DAGs
    from being live, and a merge would remove these.
    """
    at = now.replace(tzinfo=UTC) if now else datetime.now(UTC)
    merge = plan_merge(find_root(Path.cwd()), base, head, environment, at, compiled=before)
    click.echo(_rendered(merge, form), nl=form != "markdown")
    if merge.waiting:
        few = "a DAG needs" if merge.waiting == 1 else f"{merge.waiting} DAGs need"
        click.echo(f"\n{few} `vars`, which depend on where it runs: name an environment by --env", err=True)
    if merge.report.errors:
        click.echo(f"\n{_errors(merge.report)}", err=True)
    return 1 if merge.report.errors else 0


def _rendered(merge: Merge, form: str) -> str:
    sides = merge.plan, merge.base, merge.head
    if form == "json":
        return plan_json.render(*sides)
    if form == "markdown":
        return plan_markdown.render(*sides, checks=text.summary(merge.report), errors=merge.report.errors)
    return plan_text.render(*sides, color=wants_color())


def _errors(report: Report) -> str:
    """How many there are, and whether they keep their DAGs out of Airflow: some only stop the merge."""
    built = {rule.ID for rule in RULES if not keeps_out(rule)}
    errors = [each.rule in built for each in report.diagnostics if each.severity is Severity.ERROR]
    whose = "The" if all(errors) else "Some of their" if any(errors) else "Their"
    live = "would be live all the same" if all(errors) else "would not be live"
    return f"{text.summary(report)}; `mergeflow check` shows them. {whose} DAGs {live}."
