"""YAML text becomes a document, or a diagnostic that says where and why it does not.

The C parser reads without positions, which is fast; only when something must be reported is the text composed
again, with positions, to turn a route into a span.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml

from mergeflow.constructor import Refused
from mergeflow.diagnostic import Diagnostic, Part, Route
from mergeflow.nodes import Nodes
from mergeflow.plain_yaml import construct, decode, lines_of
from mergeflow.source import START, Location, Position, Span

_JINJA = re.compile(r"(?:^|[-:,\[])\s*\{[{%]")
"""Jinja where a value begins: YAML reads its braces as a mapping."""

_CONFLICT = re.compile(r"^<{7} .*$", re.MULTILINE)
"""The line that Git puts before the first side of a conflict."""

_OLDER_TAGS = {
    **{f"!{word}": f"write `__{word}__: [a, b]` in its place" for word in ("and", "or", "join")},
    "!!python/name": "name a function by its import path, as plain text",
}
"""What dag-factory read before 1.0, and what it reads now."""
_REMEDIES = (
    ("unhashable key", "a mapping or list cannot be a key", "put it in quotes if it is meant as text"),
    ("mapping values are not allowed", "", "a text with `: ` in it needs quotes; or the indentation above is off"),
    ("second occurrence", "this anchor stands twice, first on line {begun}", "name one of them otherwise"),
    ("undefined alias", "", "a text that starts with `*` needs quotes"),
    ("alphabetic or numeric character", "", "a text that starts with `*` or `&` needs quotes"),
    ("node content", "", "a value is missing here, or a bracket above is still open"),
    ("cannot start any token", "", "a text that starts with `{here}` needs quotes"),
    ("',' or", "", "the bracket on line {begun} is still open here: close it, or write the missing comma"),
    ("did not find expected", "", "what begins on line {begun} cannot go on like this: look at indentation and quotes"),
)
"""Words of the parser's message; a better message where there is one; the remedy."""


@dataclass(frozen=True)
class Document:
    """A parsed YAML file: `data` as dag-factory would read it, and where each part of it stands."""

    path: str
    text: str
    data: Any

    def locate(self, route: Route, part: Part = "value") -> Location:
        """The place of a key or value; segments that are no keys (pydantic's union tags) are passed over."""
        return Location(self.path, START if self._is_blank else self._nodes.span(route, part))

    def extent(self, route: Route) -> Span:
        """All of a value's text, from its first character to its last, where `locate` has its first line."""
        return START if self._is_blank else self._nodes.extent(route)

    def line(self, number: int) -> str:
        """The text of a line, counted from 1, without its break; empty past the end."""
        return _line(self._lines, number)

    def mentions(self, word: str) -> bool:
        """Whether something stands anywhere in the text, which is searched once, however many DAGs it holds."""
        if word not in self._mentions:
            self._mentions[word] = word in self.text
        return self._mentions[word]

    @cached_property
    def _mentions(self) -> dict[str, bool]:
        return {}

    @cached_property
    def _is_blank(self) -> bool:
        return not self.text.strip()

    @cached_property
    def _lines(self) -> list[str]:
        return lines_of(self.text)

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
        span, rule, (message, hint) = _mark_span(error, text), "invalid-yaml", _explain(error, text)
        if conflict := _CONFLICT.search(text):
            span, message = _line_span(text, conflict.start()), "a merge conflict is not resolved here"
            hint = "keep one side, and remove the lines of `<`, `=` and `>`"
    line = _line(lines_of(text), span.start.line)
    return Diagnostic(Location(path, span), rule, message, source_line=line, hint=hint)


def _line(lines: list[str], number: int) -> str:
    return lines[number - 1] if number <= len(lines) else ""


def _explain(error: yaml.MarkedYAMLError, text: str) -> tuple[str, str]:
    """The parser's message in the reader's words, and a remedy where one is known."""
    problem = error.problem or error.context or "this is not YAML"
    at = _mark_span(error, text).start
    line = _line(lines_of(text), at.line)
    before, here = line[: at.column - 1], line[at.column - 1 :]
    if here.startswith("\t") and not before.strip():
        return "a tab cannot indent YAML", "use spaces"
    if "${{" in line or _JINJA.search(line):
        problem = "a mapping or list cannot be a key" if "unhashable key" in problem else problem
        what, example = ("an expression", "${{ item.x }}") if "${{" in line else ("Jinja", "{{ ds }}")
        return problem, f'{what} needs quotes around it in YAML: "{example}"'
    if _is_unclosed(error):
        return "this quote is never closed", "close it; inside '…' write '' for a quote, inside \"…\" write \\\""
    if "could not determine a constructor for the tag" in problem:
        tag = problem.partition("'")[2].rstrip("'").replace("tag:yaml.org,2002:", "!!")
        plain = "write plain values; Mergeflow never executes what a tag names"
        return f"the YAML tag `{tag}` is not allowed", _OLDER_TAGS.get(tag.partition(":")[0], plain)
    begun = error.context_mark.line + 1 if error.context_mark else at.line
    for words, message, hint in _REMEDIES:
        if words in problem:
            return message.format(begun=begun) or problem, hint.format(here=here[:1], begun=begun)
    return problem, ""


def _line_span(text: str, offset: int) -> Span:
    """The whole line that begins at an offset."""
    lines = lines_of(text[:offset])
    at = Position(len(lines), len(lines[-1]) + 1)
    return Span(at, Position(at.line, at.column + len(lines_of(text[offset:])[0])))


def _is_unclosed(error: yaml.MarkedYAMLError) -> bool:
    return "unexpected end of stream" in str(error.problem) and "quoted scalar" in str(error.context)


def _mark_span(error: yaml.MarkedYAMLError, text: str) -> Span:
    """Where the parser stopped; where it began when it stopped only at the end of the file."""
    mark = error.problem_mark or error.context_mark
    if mark and error.context_mark and not any(lines_of(text)[mark.line :]):
        mark = error.context_mark
    if mark is None:
        return START
    return Span(Position(mark.line + 1, mark.column + 1), Position(mark.line + 1, mark.column + 2))
