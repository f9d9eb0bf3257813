"""`mergeflow rules`: what a check can find, and what to do about it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mergeflow.cli.edge import wants_color, wrong_use
from mergeflow.model import near
from mergeflow.render import rules as render
from mergeflow.rules import HOUSE_RULES
from mergeflow.rules.page import Page, pages
from mergeflow.workspace import WrongUse, find_root

if TYPE_CHECKING:
    from mergeflow.rules.house import House


@click.command()
@click.argument("slug", required=False)
@click.option("--format", "form", type=click.Choice(["text", "markdown"]), default="text", show_default=True)
@click.option("--check", "attempt", is_flag=True, help="Try the examples in docstrings, and the cases of house rules.")
@click.option("--update", is_flag=True, help="Write what the cases print into their .out files; read the difference.")
@wrong_use
def rules(slug: str | None, form: str, *, attempt: bool, update: bool) -> int:
    """List the rules, or show the page of one: why it is there, what it refuses, and how it is done right.

    A repository's own rules, in validators/rules/, are among them.
    """
    root, house = _surroundings()
    known = {page.slug: page for page in pages(house.pages if house else ())}
    if slug is not None and slug not in known:
        hint = near(slug, known) or "`mergeflow rules` lists them"
        raise click.ClickException(f"there is no rule `{slug}`; {hint}")
    chosen = [known[slug]] if slug else [*known.values()]
    if attempt or update:
        return _tried(chosen, root, house, update=update)
    if slug is None:
        every = render.markdown if form == "markdown" else render.table
        click.echo(every(chosen))
    else:
        one = render.page_markdown if form == "markdown" else render.page_text
        click.echo(one(known[slug]))
    if house and house.failures:
        click.echo(f"{len(house.failures)} of {HOUSE_RULES}/ cannot be loaded; `mergeflow check` says why", err=True)
    return 0


def _surroundings() -> tuple[Path | None, "House | None"]:
    """The repository and its own rules; the built-in ones can be read without either."""
    try:
        root = find_root(Path.cwd())
    except WrongUse:
        return None, None
    if not (root / HOUSE_RULES).is_dir():
        return root, None
    from mergeflow.rules.house import load_house

    return root, load_house(root)


def _tried(chosen: Sequence[Page], root: Path | None, house: "House | None", *, update: bool) -> int:
    """Exit code 1 when an example or a case is not as its rule says."""
    from mergeflow.examples import attempts
    from mergeflow.render.text import render_diagnostic

    if root is None:
        raise WrongUse("examples are tried with a repository's catalog; run this inside a Mergeflow repository")
    wrong = [render_diagnostic(each, color=wants_color()) for each in house.failures] if house else []
    tried = list(attempts(chosen, root, house, update=update))
    wrong += [f"{each.name}: {line}" for each in tried for line in each.wrong]
    click.echo("\n".join([*wrong, f"{len(tried)} examples and cases tried, {len(wrong) or 'none'} wrong"]))
    return 1 if wrong else 0
