"""Comments that ask to let a problem be: `# mergeflow: ignore[slug] reason`.

YAML's parser drops comments, so they are looked for in the text; one inside a text of the YAML is none.
"""

import re
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from mergeflow.document import Document
from mergeflow.plain_yaml import lines_of
from mergeflow.source import Location, Position, Span

_COMMENT = re.compile(r"(?<!\S)#+\s*mergeflow:\s*ignore\b(?P<rest>.*)")
_REST = re.compile(r"\s*\[(?P<slugs>[^\]]*)\](?P<reason>.*)")
_SLUG = re.compile(r"[^\s,]+")
_ALONE = re.compile(r"\s*#")


@dataclass(frozen=True, slots=True)
class Ignore:
    """One such comment: where it and each slug stand, and the line that it is about."""

    location: Location
    line: int
    slugs: tuple[tuple[str, Location], ...]
    reason: str
    source_line: str


def ignores_of(document: Document) -> tuple[Ignore, ...]:
    """Every such comment of a document; one alone on its line is about the next line that is more than a comment."""
    return tuple(_found(document))


def _found(document: Document) -> Iterator[Ignore]:
    lines = lines_of(document.text)
    candidates = [(number, found) for number, line in enumerate(lines, 1) if (found := _COMMENT.search(line))]
    texts = _Texts(document.text) if candidates else None
    about = _about(lines) if candidates else []
    for number, found in candidates:
        location = _location(document.path, number, 0, found)
        if texts and location.span.start in texts:
            continue
        rest = _REST.fullmatch(found["rest"])
        slugs = _SLUG.finditer(rest["slugs"]) if rest else ()
        at = found.start("rest") + (rest.start("slugs") if rest else 0)
        yield Ignore(
            location,
            about[number - 1],
            tuple((each[0], _location(document.path, number, at, each)) for each in slugs),
            rest["reason"].strip() if rest else "",
            lines[number - 1],
        )


def _location(path: str, line: int, offset: int, found: re.Match[str]) -> Location:
    """Where a match stands in a line, whose text began at this offset."""
    start, end = offset + found.start() + 1, offset + found.end() + 1
    return Location(path, Span(Position(line, start), Position(line, end)))


def _about(lines: list[str]) -> list[int]:
    """For each line the one that a comment on it is about, counted from 1."""
    about = list(range(1, len(lines) + 1))
    for i in range(len(lines) - 2, -1, -1):
        if _ALONE.match(lines[i]):
            about[i] = about[i + 1]
    return about


class _Texts:
    """The scalars of a YAML text: what looks like a comment in one of them is none."""

    def __init__(self, text: str) -> None:
        tokens = yaml.scan(text, Loader=yaml.CSafeLoader)
        self._scalars = [each for each in tokens if isinstance(each, yaml.ScalarToken)]
        self._starts = [_position(each.start_mark) for each in self._scalars]

    def __contains__(self, position: Position) -> bool:
        """Whether it lies within a scalar; the first line of a block scalar may end with a comment."""
        i = bisect(self._starts, position) - 1
        if i < 0 or position >= _position(self._scalars[i].end_mark):
            return False
        return self._scalars[i].style not in ("|", ">") or position.line > self._starts[i].line


def _position(mark: yaml.Mark) -> Position:
    return Position(mark.line + 1, mark.column + 1)
