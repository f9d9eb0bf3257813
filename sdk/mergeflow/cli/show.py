"""`mergeflow show`: a DAG as it will be built, and where each value comes from."""

from pathlib import Path
from shutil import get_terminal_size

import click

from mergeflow.cli.edge import wants_color, wrong_use
from mergeflow.dag import Dag
from mergeflow.files import from_directory
from mergeflow.model import near
from mergeflow.project import Project, load
from mergeflow.workspace import WrongUse, find_root, in_environment

WIDTH = 120
"""How many columns a drawing has that goes to no terminal."""


@click.command()
@click.argument("dag_id")
@click.option("--graph", is_flag=True, help="Draw its tasks instead: what waits for what.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "mermaid"]),
    default="text",
    show_default=True,
    help="For people, for programs, or the graph for a page that draws Mermaid.",
)
@click.option("--env", "environment", envvar="MERGEFLOW_ENV", default="", help="The environment that the DAG runs in.")
@wrong_use
def show(dag_id: str, form: str, environment: str, *, graph: bool) -> None:
    """Show the effective config of a DAG: each value with the place that has set it, and what that overrides."""
    if graph and form == "json":
        raise WrongUse("a graph is drawn as text or as mermaid; `--format json` alone has the tasks below `config`")
    project = in_environment(load(from_directory(find_root(Path.cwd()))), environment)
    dags = {dag.dag_id: dag for dag in project.dags}
    if dag_id not in dags:
        waiting = any(each.waits and each.dag.dag_id == dag_id for each in project.named)
        hint = "it cannot be made; `mergeflow check` says why" if dag_id in project.unmade else near(dag_id, dags)
        if waiting:
            hint = f"it needs `vars`, so name an environment: --env {next(iter(project.environments))}"
        raise WrongUse(f"there is no DAG `{dag_id}`" + (f": {hint}" if hint else ""))
    click.echo(_rendered(project, dags[dag_id], form, graph=graph))


def _rendered(project: Project, dag: Dag, form: str, *, graph: bool) -> str:
    from mergeflow.render import show, show_graph

    if form == "mermaid":
        return show_graph.as_mermaid(dag)
    if graph:
        return show_graph.render(dag, get_terminal_size((WIDTH, 0)).columns, color=wants_color())
    return show.as_json(project, dag) if form == "json" else show.render(project, dag, color=wants_color())
