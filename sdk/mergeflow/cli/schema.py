"""`mergeflow schema`: JSON Schemas for editors, written from the models and the catalog."""

from collections.abc import Mapping
from pathlib import Path

import click

from mergeflow.catalog import load_catalog
from mergeflow.cli.edge import wrong_use
from mergeflow.render.schema import KINDS, SCHEMAS, render
from mergeflow.workspace import WrongUse, find_root


@click.command()
@click.argument("kind", type=click.Choice([*KINDS]), required=False)
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="Write all of them into this folder."
)
@click.option("--check", is_flag=True, help=f"Exit 1 when those in {SCHEMAS}/, or in the folder of -o, are not these.")
@wrong_use
def schema(kind: str | None, output: Path | None, *, check: bool) -> int:
    """Print the JSON Schema of a KIND of file, by default of those that define DAGs, or write all of them.

    Editors complete keys and parameters by them, explain them, and mark misspelt ones.
    """
    root = find_root(Path.cwd())
    if kind and (output or check):
        raise WrongUse(f"-o and --check are about all schemas; leave out `{kind}`")
    if check:
        return _compare(_texts(root), output or root / SCHEMAS, f"{output or SCHEMAS}")
    if output is None:
        click.echo(render(KINDS[kind or "dags"](load_catalog(root))), nl=False)
        return 0
    for name, text in _texts(root).items():
        try:
            output.mkdir(parents=True, exist_ok=True)
            (output / name).write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise WrongUse(f"{output / name} cannot be written: {error.strerror}") from None
        click.echo(f"wrote {output / name}")
    return 0


def _texts(root: Path) -> Mapping[str, str]:
    """All schemas, by the names of their files."""
    catalog = load_catalog(root)
    return {f"{kind}.json": render(make(catalog)) for kind, make in KINDS.items()}


def _compare(texts: Mapping[str, str], folder: Path, named: str) -> int:
    stale = [name for name, text in texts.items() if _read(folder / name) != text.encode()]
    if not stale:
        click.echo(f"{named}/ is up to date")
        return 0
    verb = "is" if len(stale) == 1 else "are"
    click.echo(f"{', '.join(stale)} in {named}/ {verb} not up to date; `mergeflow schema -o {named}` writes them")
    return 1


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None
