"""`mergeflow show`: a DAG as it will be built, and where each value comes from."""

from pathlib import Path

import click

from mergeflow.cli.edge import wants_color, wrong_use
from mergeflow.files import from_directory
from mergeflow.model import near
from mergeflow.project import load
from mergeflow.workspace import WrongUse, find_root, in_environment


@click.command()
@click.argument("dag_id")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--env", "environment", envvar="MERGEFLOW_ENV", default="", help="The environment that the DAG runs in.")
@wrong_use
def show(dag_id: str, form: str, environment: str) -> None:
    """Show the effective config of a DAG: each value with the place that has set it, and what that overrides."""
    from mergeflow.render import show as render

    project = in_environment(load(from_directory(find_root(Path.cwd()))), environment)
    dags = {dag.dag_id: dag for dag in project.dags}
    if dag_id not in dags:
        waiting = any(each.waits and each.dag.dag_id == dag_id for each in project.named)
        hint = "it cannot be made; `mergeflow check` says why" if dag_id in project.unmade else near(dag_id, dags)
        if waiting:
            hint = f"it needs `vars`, so name an environment: --env {next(iter(project.environments))}"
        raise WrongUse(f"there is no DAG `{dag_id}`" + (f": {hint}" if hint else ""))
    shown = render.as_json if form == "json" else render.render
    click.echo(shown(project, dags[dag_id], color=wants_color()))
