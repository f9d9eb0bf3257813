"""`mergeflow rules`: what a check can find, and what to do about it."""

import click

from mergeflow.model import near
from mergeflow.render import rules as render
from mergeflow.rules.page import pages


@click.command()
@click.argument("slug", required=False)
@click.option("--format", "form", type=click.Choice(["text", "markdown"]), default="text", show_default=True)
def rules(slug: str | None, form: str) -> None:
    """List the rules, or show the page of one: why it is there, what it refuses, and how it is done right."""
    known = {page.slug: page for page in pages()}
    if slug is None:
        every = render.markdown if form == "markdown" else render.table
        click.echo(every([*known.values()]))
    elif slug in known:
        one = render.page_markdown if form == "markdown" else render.page_text
        click.echo(one(known[slug]))
    else:
        hint = near(slug, known) or "`mergeflow rules` lists them"
        raise click.ClickException(f"there is no rule `{slug}`; {hint}")
