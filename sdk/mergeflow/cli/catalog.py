"""`mergeflow catalog`: what configs may name, generated where Airflow is installed, used where it is not."""

from itertools import islice
from pathlib import Path

import click

from mergeflow.catalog import CATALOG_PATH, KINDS, Catalog, Kind, Operator, load_catalog
from mergeflow.cli.edge import wrong_use
from mergeflow.workspace import find_root

_MOST_DIFFERENCES = 10


@click.group()
def catalog() -> None:
    """What configs may name, and the parameters of it, as a file: validators/catalog.json."""


@catalog.command()
@wrong_use
def build() -> None:
    """Write the catalog anew from the installed Airflow and Great Expectations."""
    path = find_root(Path.cwd()) / CATALOG_PATH
    path.parent.mkdir(exist_ok=True)
    path.write_text(_generated(), encoding="ascii", newline="\n")
    click.echo(f"wrote {CATALOG_PATH}")


@catalog.command()
@wrong_use
def check() -> int:
    """Exit 1 when what is installed differs from the catalog."""
    from mergeflow.catalog.write import differences

    path = find_root(Path.cwd()) / CATALOG_PATH
    committed = path.read_bytes().decode("ascii", "replace").replace("\r\n", "\n") if path.exists() else ""
    generated = _generated()
    if committed == generated:
        click.echo(f"{CATALOG_PATH} is up to date")
        return 0
    found = list(differences(committed, generated))
    for line in islice(found, _MOST_DIFFERENCES):
        click.echo(line)
    if len(found) > _MOST_DIFFERENCES:
        click.echo(f"and {len(found) - _MOST_DIFFERENCES} more")
    click.echo(f"{CATALOG_PATH} is not what is installed; `mergeflow catalog build` writes it anew")
    return 1


@catalog.command("list")
@click.argument("text", required=False, default="")
@click.option("--kind", type=click.Choice(KINDS), help="Only these.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@wrong_use
def list_(text: str, kind: Kind | None, form: str) -> None:
    """List what the catalog knows; with TEXT, what has it in its path or description, in any case."""
    from mergeflow.render import catalog as render

    known = _committed()
    entries = [(each, entry) for each in ((kind,) if kind else KINDS) for entry in _entries(known, each)]
    wanted = text.lower()
    found = [each for each in entries if wanted in f"{each[1].path} {each[1].called} {each[1].description}".lower()]
    click.echo(render.listed_json(found) if form == "json" else render.listed(found))


@catalog.command()
@click.argument("name")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@wrong_use
def show(name: str, form: str) -> None:
    """Show what NAME is and its parameters; NAME is an import path, a bare class name, or `task.bash`."""
    from mergeflow.render import catalog as render

    known = _committed()
    found = [
        (kind, entry) for kind in KINDS for path in _meant(known, kind, name) if (entry := known.entry(kind, path))
    ]
    if not found:
        raise click.ClickException(f"the catalog has no `{name}`; {_near(known, name)}")
    click.echo("\n\n".join(render.shown(*each) for each in found) if form == "text" else render.shown_json(found))


def _meant(known: Catalog, kind: Kind, name: str) -> tuple[str, ...]:
    paths = known.resolve(name, kind)
    return tuple(path for path in paths if known.entry(kind, path))


def _entries(known: Catalog, kind: Kind) -> list[Operator]:
    return [entry for path in known.names(kind) if (entry := known.entry(kind, path))]


def _near(known: Catalog, name: str) -> str:
    from mergeflow.model import near

    entries = [entry for kind in KINDS for entry in _entries(known, kind)]
    called = {each.called or each.name for each in entries}
    hint = near(name, called) or near(name.rpartition(".")[2], called)
    return hint or "`mergeflow catalog list` shows what it has"


def _committed() -> Catalog:
    known = load_catalog(find_root(Path.cwd()))
    if not known:
        raise click.ClickException(f"there is no {CATALOG_PATH}; `mergeflow catalog build` writes it")
    return known


def _generated() -> str:
    """The catalog's text, from what is installed."""
    from importlib.util import find_spec
    from logging import WARNING, getLogger

    from mergeflow.catalog.write import catalog_text

    try:
        from mergeflow.airflow.introspect import airflow_sections
    except ImportError as error:
        raise click.ClickException(f"{error.name} is not installed; pip install 'mergeflow[airflow]'") from None
    sections = {**airflow_sections()}
    if find_spec("great_expectations") is None:
        click.echo("great_expectations is not installed: the catalog has no expectations", err=True)
        return catalog_text(sections)
    getLogger("great_expectations").setLevel(WARNING)  # Airflow would print its hundreds of asides
    from mergeflow.quality.introspect import expectation_sections

    more = expectation_sections()
    return catalog_text({**sections, **more, "packages": {**sections["packages"], **more["packages"]}})
