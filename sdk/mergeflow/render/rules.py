"""The pages of rules: as a table, for a terminal, and as Markdown for the docs and for SARIF's help."""

from collections.abc import Sequence
from textwrap import indent

from mergeflow.rules.page import Page

_HEAD = """\
<!-- Written by `python -m tests.render.generated` from the rules' docstrings. -->

# Rules

What `mergeflow check` can find, by the name that stands in brackets behind each message. `mergeflow rules <name>` shows
one of these pages in the terminal. An error fails the check and keeps its DAG out of Airflow; an error\\* only
fails the check, and a warning does neither. The policy may give any rule another level."""


def table(pages: Sequence[Page]) -> str:
    """One line per rule: slug, level and title."""
    slugs = max((len(page.slug) for page in pages), default=0)
    levels = max((len(page.level) for page in pages), default=0)
    return "\n".join(f"{page.slug:{slugs}}  {page.level:{levels}}  {page.title}" for page in pages)


def page_text(page: Page) -> str:
    """One page for a terminal."""
    parts = [f"{page.slug}: {page.level}", page.title, *_wish(page), f"Why: {page.why}"]
    for name, example in (("Bad", page.bad), ("Good", page.good)):
        if example:
            parts += [f"{name}:", indent(example.removesuffix("\n"), "    ")]
    return "\n\n".join(parts)


def page_markdown(page: Page) -> str:
    """One page, without its heading."""
    parts = [page.title, *_wish(page), f"*Why*: {page.why}"]
    for name, example in (("Bad", page.bad), ("Good", page.good)):
        if example:
            parts += [f"*{name}*:", f"```yaml\n{example}```"]
    return "\n\n".join(parts)


def markdown(pages: Sequence[Page]) -> str:
    """All pages as one document, a table of contents first."""
    rows = [f"| [{page.slug}](#{page.slug}) | {_level(page)} | {_cell(page.title)} |" for page in pages]
    contents = "\n".join(["| name | level | what is wrong |", "|---|---|---|", *rows])
    return "\n\n".join([_HEAD, contents, *(f"## {page.slug}\n\n{page_markdown(page)}" for page in pages)])


def _level(page: Page) -> str:
    return f"{page.level}\\*" if page.merge_only else page.level


def _wish(page: Page) -> list[str]:
    """How a rule is turned on that is off, and that one only stops the merge."""
    wish = f"Off until validators/policy.yaml gives it a level: `rules: {{{page.slug}: {page.severity}}}`."
    merge = "It stops the merge; a DAG that has been merged all the same is still run."
    return [text for text, holds in ((wish, page.optional), (merge, page.merge_only)) if holds]


def _cell(text: str) -> str:
    return text.replace("|", r"\|")
