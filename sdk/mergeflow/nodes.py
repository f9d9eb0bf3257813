"""A YAML text's nodes, with their positions: turns a route into a span."""

from collections.abc import Iterator
from typing import Any

import yaml

from mergeflow.diagnostic import Part, Route
from mergeflow.source import START, Position, Span

_MERGE = "tag:yaml.org,2002:merge"
Pair = tuple[yaml.Node | None, yaml.Node]
"""A key's node (none for a list item and for the root) and its value's node."""


def span_of(marked: Any) -> Span:
    """The span of a PyYAML node or event, whose marks count from 0."""
    start, end = marked.start_mark, marked.end_mark
    return Span(Position(start.line + 1, start.column + 1), Position(end.line + 1, end.column + 1))


class Nodes:
    """The composed nodes of one document."""

    def __init__(self, root: yaml.Node | None) -> None:
        self._root = root

    def span(self, route: Route, part: Part) -> Span:
        """The span of a key or value; of the nearest parent when the route leads nowhere."""
        if self._root is None:
            return START
        key, value = None, self._root
        for segment in route:
            found = _child(value, segment)
            if found is not None:
                key, value = found
        if key is not None and (part == "key" or _is_block(value)):
            return span_of(key)
        return _first_line(span_of(value))


def _child(node: yaml.Node, segment: str | int) -> Pair | None:
    if isinstance(node, yaml.SequenceNode):
        inside = isinstance(segment, int) and 0 <= segment < len(node.value)
        return (None, node.value[segment]) if inside else None
    if isinstance(node, yaml.MappingNode):
        return next((pair for pair in _pairs(node) if _names(pair[0], segment)), None)
    return None


def _pairs(node: yaml.MappingNode) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """The mapping's own pairs, then those that `<<` merges into it."""
    merged: list[yaml.Node] = []
    for key, value in node.value:
        if key.tag == _MERGE:
            merged += value.value if isinstance(value, yaml.SequenceNode) else [value]
        else:
            yield key, value
    for source in merged:
        if isinstance(source, yaml.MappingNode):
            yield from _pairs(source)


def _names(key: yaml.Node, segment: str | int) -> bool:
    """Whether a key's node is the one that a segment names; `on` and `1` are read as `True` and 1."""
    if not isinstance(key, yaml.ScalarNode):
        return False
    if isinstance(segment, str) and key.tag.endswith(":str"):
        return bool(key.value == segment)
    return bool(yaml.SafeLoader("").construct_object(key) == segment) if not key.tag.endswith(":str") else False


def _is_block(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and not node.flow_style and bool(node.value)


def _first_line(span: Span) -> Span:
    """The part of a span on its first line: a caret line underlines one line, not ten."""
    if span.start.line == span.end.line:
        return span
    return Span(span.start, Position(span.start.line, span.start.column + 1))
