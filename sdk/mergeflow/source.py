"""Where something stands in a text: positions, spans and locations, all 1-based as editors count them."""

from typing import NamedTuple


class Position(NamedTuple):
    """A character of a text; columns count code points."""

    line: int
    column: int


class Span(NamedTuple):
    """The characters from `start` up to, and without, `end`."""

    start: Position
    end: Position


class Location(NamedTuple):
    """A span of one file; `path` is relative to the repository's root, with forward slashes."""

    path: str
    span: Span

    def __str__(self) -> str:
        return f"{self.path}:{self.span.start.line}:{self.span.start.column}"


START = Span(Position(1, 1), Position(1, 1))
"""The beginning of a file: where a problem of the file as a whole is shown."""
