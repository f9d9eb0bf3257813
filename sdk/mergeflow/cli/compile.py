"""`mergeflow compile`: the DAGs that dag-factory would build, as one file."""

from pathlib import Path

import click

from mergeflow.cli.edge import wrong_use
from mergeflow.planning import compiled
from mergeflow.render import text
from mergeflow.render.as_json import dump
from mergeflow.workspace import find_root


@click.command()
@click.option("--revision", help="A Git revision.  [default: the working tree]")
@click.option("--env", "environment", envvar="MERGEFLOW_ENV", default="", help="Compile for this environment.")
@click.option("--format", "form", type=click.Choice(["json"]), default="json", show_default=True)
@wrong_use
def compile(revision: str | None, environment: str, form: str) -> int:  # noqa: A001 - it is the command's name
    """Print every DAG with all defaults merged, as dag-factory would build it, without secrets.

    `mergeflow plan --before` compares with it: so another release of Mergeflow can be tried before it is used. Exits 1
    when there are errors; the DAGs that these keep out are left out.
    """
    del form
    content, report = compiled(find_root(Path.cwd()), revision, environment)
    click.echo(dump(content))
    if report.errors:
        click.echo(f"\n{text.summary(report)}; `mergeflow check` shows them.", err=True)
    return 1 if report.errors else 0
