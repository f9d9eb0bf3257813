"""YAML text becomes a document, or a diagnostic that says where and why it does not.

The C parser reads without positions, which is fast; only when something must be reported is the text composed
again, with positions, to turn a route into a span.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml

from mergeflow.diagnostic import Diagnostic, Part, Route
from mergeflow.nodes import Nodes
from mergeflow.plain_yaml import Refused, construct, decode, line_of
from mergeflow.source import START, Location, Position, Span


@dataclass(frozen=True)
class Document:
    """A parsed YAML file: `data` as dag-factory would read it, and where each part of it stands."""

    path: str
    text: str
    data: Any

    def locate(self, route: Route, part: Part = "value") -> Location:
        """The place of a key or value; segments that are no keys (pydantic's union tags) are passed over."""
        return Location(self.path, self._nodes.span(route, part) if self.text.strip() else START)

    def line(self, number: int) -> str:
        """The text of a line, counted from 1, without its break."""
        return line_of(self.text, number)

    @cached_property
    def _nodes(self) -> Nodes:
        return Nodes(yaml.compose(self.text, Loader=yaml.CSafeLoader))


def parse(path: str, content: bytes) -> Document | Diagnostic:
    """Read one file's bytes. Never raises: whatever is wrong with them comes back as a diagnostic."""
    text = ""
    try:
        text = decode(content)
        return Document(path, text, construct(text))
    except Refused as refused:
        span, rule, message, hint = refused.span, refused.rule, refused.message, refused.hint
    except yaml.MarkedYAMLError as error:
        span, rule, (message, hint) = _mark_span(error), "invalid-yaml", _explain(error, text)
    line = line_of(text, span.start.line)
    return Diagnostic(Location(path, span), rule, message, source_line=line, hint=hint)


def _explain(error: yaml.MarkedYAMLError, text: str) -> tuple[str, str]:
    """The parser's message in the reader's words, and a remedy where one is known."""
    problem = error.problem or error.context or "this is not YAML"
    mark = error.problem_mark
    here = line_of(text, mark.line + 1)[mark.column :] if mark else ""
    if here.startswith("\t"):
        return "a tab cannot indent YAML", "use spaces"
    if "could not determine a constructor for the tag" in problem:
        tag = problem.partition("'")[2].rstrip("'").replace("tag:yaml.org,2002:", "!!")
        return (
            f"the YAML tag `{tag}` is not allowed",
            "write plain values; Mergeflow never executes what a tag names",
        )
    if "unhashable key" in problem:
        return "a mapping or list cannot be a key", 'Jinja needs quotes around it in YAML: "{{ ds }}"'
    if "mapping values are not allowed" in problem:
        return problem, "a text with `: ` in it needs quotes; or the indentation above is off"
    if "undefined alias" in problem:
        return problem, "a text that starts with `*` needs quotes"
    return problem, ""


def _mark_span(error: yaml.MarkedYAMLError) -> Span:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return START
    return Span(Position(mark.line + 1, mark.column + 1), Position(mark.line + 1, mark.column + 2))
