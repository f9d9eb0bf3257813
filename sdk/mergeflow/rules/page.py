"""A rule's page, read from its docstring: the docs, the terminal's help, SARIF's help and the rule's own test."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from inspect import cleandoc
from textwrap import dedent

from mergeflow.diagnostic import Severity
from mergeflow.rules import RULES, Rule
from mergeflow.rules.afterwards import AFTERWARDS
from mergeflow.rules.reading import READING

_PARTS = re.compile(
    r"(?P<title>[^\n].*?\.)\n\n\*Why\*: (?P<why>.+?)(?:\n\n\*Bad\*:\n\n(?P<bad>.+?)\n\n\*Good\*:\n\n(?P<good>.+))?",
    re.DOTALL,
)


@dataclass(frozen=True, order=True, slots=True)
class Page:
    """What there is to say about a rule; `bad` and `good` are YAML, and empty where no config can show it.

    An optional rule is off until the policy gives it a level; one that is `merge_only` keeps no DAG out of Airflow.
    """

    slug: str
    severity: Severity
    title: str
    why: str
    bad: str = ""
    good: str = ""
    optional: bool = False
    merge_only: bool = False

    @property
    def level(self) -> str:
        """What its problems count as where the policy says nothing."""
        return "off" if self.optional else self.severity.value


def parse(slug: str, severity: Severity, docstring: str, *, optional: bool = False) -> Page:
    """The page that a docstring of four parts makes. Raises ValueError."""
    found = _PARTS.fullmatch(cleandoc(docstring))
    if found is None:
        raise ValueError(f"the docstring of {slug} needs a title with a full stop, *Why*, *Bad* and *Good*")
    bad, good = (f"{dedent(found[part])}\n" if found[part] else "" for part in ("bad", "good"))
    return Page(slug, severity, " ".join(found["title"].split()), found["why"], bad, good, optional)


def _page(rule: Rule) -> Page:
    page = parse(rule.ID, rule.SEVERITY, rule.__doc__ or "", optional=getattr(rule, "OPTIONAL", False))
    return replace(page, merge_only=getattr(rule, "MERGE_ONLY", False))


def pages(house: Iterable[Page] = ()) -> tuple[Page, ...]:
    """The pages of everything that a diagnostic can be named, those of a house's own rules among them, by slug."""
    rules = [_page(rule) for rule in RULES]
    reading = [parse(slug, Severity.ERROR, text) for slug, text in READING.items()]
    afterwards = [parse(slug, Severity.WARNING, text) for slug, text in AFTERWARDS.items()]
    return tuple(sorted([*rules, *house, *reading, *afterwards]))
