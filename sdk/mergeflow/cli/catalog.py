"""`mergeflow catalog`: which operators exist, generated where Airflow is installed, used where it is not."""

from pathlib import Path

import click

from mergeflow.catalog import CATALOG_PATH
from mergeflow.cli.edge import wrong_use
from mergeflow.workspace import find_root


@click.group()
def catalog() -> None:
    """The operators and parameters that `check` knows, as a file: validators/catalog.json."""


@catalog.command()
@wrong_use
def build() -> None:
    """Write the catalog anew from the installed Airflow."""
    path = find_root(Path.cwd()) / CATALOG_PATH
    path.parent.mkdir(exist_ok=True)
    path.write_text(_generated())
    click.echo(f"wrote {CATALOG_PATH}")


@catalog.command()
@wrong_use
def check() -> int:
    """Exit 1 when the installed Airflow has other operators than the catalog."""
    path = find_root(Path.cwd()) / CATALOG_PATH
    if path.exists() and path.read_text() == _generated():
        click.echo(f"{CATALOG_PATH} is up to date")
        return 0
    click.echo(f"{CATALOG_PATH} is not what the installed Airflow has; `mergeflow catalog build` writes it anew")
    return 1


def _generated() -> str:
    try:
        from mergeflow.airflow.introspect import catalog_text
    except ImportError as error:
        raise click.ClickException(f"{error.name} is not installed; pip install 'mergeflow[airflow]'") from None
    return catalog_text()
