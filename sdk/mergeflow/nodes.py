"""A YAML text's nodes, with their positions: turns a route into a span."""

from collections.abc import Iterator
from typing import Any

import yaml

from mergeflow.diagnostic import Part, Route
from mergeflow.source import START, Position, Span

MERGE = "tag:yaml.org,2002:merge"
_TEXT = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:value")
Pair = tuple[yaml.Node | None, yaml.Node]
"""A key's node (none for a list item and for the root) and its value's node."""


def span_of(marked: Any) -> Span:
    """The span of a PyYAML node or event, whose marks count from 0."""
    start, end = marked.start_mark, marked.end_mark
    return Span(Position(start.line + 1, start.column + 1), Position(end.line + 1, end.column + 1))


def read_key(loader: Any, key: yaml.ScalarNode) -> Any:
    """A key as Python gets it; PyYAML takes `=` for text there, and for a tag of its own elsewhere."""
    return key.value if key.tag in _TEXT else loader.construct_object(key)


class Nodes:
    """The composed nodes of one document."""

    def __init__(self, root: yaml.Node | None) -> None:
        self._root = root
        self._pairs: dict[int, dict[Any, Pair]] = {}

    def span(self, route: Route, part: Part) -> Span:
        """The span of a key or value; of the nearest parent when the route leads nowhere."""
        if self._root is None:
            return START
        key, value = self._find(self._root, route)
        if key is not None and (part == "key" or _is_block(value) or _is_empty(value)):
            return _first_line(span_of(key))
        return _first_line(span_of(value))

    def extent(self, route: Route) -> Span:
        """All lines of a value, where `span` is for showing it."""
        return START if self._root is None else span_of(self._find(self._root, route)[1])

    def _find(self, root: yaml.Node, route: Route) -> Pair:
        """The nodes that a route leads to, or as far as it leads."""
        key, value = None, root
        for segment in route:
            found = self._child(value, segment)
            if found is not None:
                key, value = found
        return key, value

    def _child(self, node: yaml.Node, segment: str | int) -> Pair | None:
        if isinstance(node, yaml.SequenceNode):
            inside = isinstance(segment, int) and 0 <= segment < len(node.value)
            return (None, node.value[segment]) if inside else None
        if not isinstance(node, yaml.MappingNode):
            return None
        if id(node) not in self._pairs:
            self._pairs[id(node)] = _by_key(node)
        return self._pairs[id(node)].get(segment)


def _by_key(node: yaml.MappingNode) -> dict[Any, Pair]:
    """A mapping's pairs by key as Python reads it: `on` and `1` are `True` and 1."""
    loader = yaml.SafeLoader("")
    found: dict[Any, Pair] = {}
    for key, value in _pairs(node):
        if isinstance(key, yaml.ScalarNode):
            found.setdefault(read_key(loader, key), (key, value))
    return found


def _pairs(node: yaml.MappingNode) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """The mapping's own pairs, then those that `<<` merges into it."""
    merged: list[yaml.Node] = []
    for key, value in node.value:
        if key.tag == MERGE:
            merged += value.value if isinstance(value, yaml.SequenceNode) else [value]
        else:
            yield key, value
    for source in merged:
        if isinstance(source, yaml.MappingNode):
            yield from _pairs(source)


def _is_block(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and not node.flow_style and bool(node.value)


def _is_empty(node: yaml.Node) -> bool:
    """Whether nothing is written where the value would stand, so that only the key can be pointed at."""
    return bool(node.start_mark.index == node.end_mark.index)


def _first_line(span: Span) -> Span:
    """The part of a span on its first line: a caret line underlines one line, not ten."""
    if span.start.line == span.end.line:
        return span
    return Span(span.start, Position(span.start.line, span.start.column + 1))
