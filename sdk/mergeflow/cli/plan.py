"""`mergeflow plan`: what merging a branch would change."""

from pathlib import Path

import click

from mergeflow.checker import check
from mergeflow.cli.edge import wants_color, wrong_use
from mergeflow.compiler import CompiledDag, compile_project
from mergeflow.diagnostic import Report, Severity
from mergeflow.files import from_directory, from_revision, merge_base, short_name
from mergeflow.levels import keeps_out
from mergeflow.plan import diff
from mergeflow.project import Project, load
from mergeflow.render import plan as plan_text
from mergeflow.render import text
from mergeflow.rules import RULES, Known
from mergeflow.workspace import find_root, in_environment, known_around, known_at


@click.command()
@click.option("--base", default="main", show_default=True, help="Compare with where this revision and the head parted.")
@click.option("--head", help="The revision to merge.  [default: the working tree]")
@click.option("--env", "environment", envvar="MERGEFLOW_ENV", default="", help="Plan for this environment.")
@wrong_use
def plan(base: str, head: str | None, environment: str) -> int:
    """Say which DAGs and tasks a merge adds, changes and removes.

    Both sides are read from Git, without a checkout. Exits 1 when the head has errors; most of them keep their DAGs
    from being live, and a merge would remove these.
    """
    root = find_root(Path.cwd())
    parted = merge_base(root, base, head or "HEAD")
    before, _ = _compiled(_within(load(from_revision(root, parted)), environment), known_at(root, parted))
    files, known = (
        (from_revision(root, head), known_at(root, head)) if head else (from_directory(root), known_around(root))
    )
    project = in_environment(load(files), environment)
    after, errors = _compiled(project, known)
    waiting = sum(each.waits for each in project.named)
    sides = f"{base} {short_name(root, parted)}", short_name(root, head) if head else "working tree"
    click.echo(plan_text.render(diff(before, after), *sides, color=wants_color()))
    if waiting:
        few = "a DAG needs" if waiting == 1 else f"{waiting} DAGs need"
        click.echo(f"\n{few} `vars`, which depend on where it runs: name an environment by --env", err=True)
    if errors:
        click.echo(f"\n{errors}", err=True)
    return 1 if errors else 0


def _within(project: Project, environment: str) -> Project:
    """The project in an environment, also in one that it has not: then nothing is patched."""
    return project.within(environment) if environment else project


def _compiled(project: Project, known: Known) -> tuple[list[CompiledDag], str]:
    """The DAGs of one side, and what is wrong with it in one line."""
    report = check(project, known)
    return compile_project(project, report.broken, known.catalog), _errors(report) if report.errors else ""


def _errors(report: Report) -> str:
    """How many there are, and whether they keep their DAGs out of Airflow: some only stop the merge."""
    built = {rule.ID for rule in RULES if not keeps_out(rule)}
    errors = [each.rule in built for each in report.diagnostics if each.severity is Severity.ERROR]
    whose = "The" if all(errors) else "Some of their" if any(errors) else "Their"
    live = "would be live all the same" if all(errors) else "would not be live"
    return f"{text.summary(report)}; `mergeflow check` shows them. {whose} DAGs {live}."
