"""Nodes become plain values: what a config may hold, and nothing that a tag could make.

PyYAML's own constructor is general, and slow in Python. What nearly all of a config consists of, mappings with texts
for keys, lists and texts, is read off the nodes directly; the rest goes the general way.
"""

from functools import lru_cache
from typing import Any

import yaml

from mergeflow.nodes import MERGE, read_key, span_of
from mergeflow.source import Span

MAX_DIGITS = 1000
"""Python's time for reading a number grows with the square of its length, and printing it fails past 4,300 digits."""

_MAPPING, _LIST, _TEXT = (f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "str"))
_FEW_CHARACTERS = 100
"""Of a scalar whose tag is remembered: the long ones are all different."""


class Refused(Exception):
    """A text that is no config, with its reason; `document.parse` makes a diagnostic of it."""

    def __init__(self, rule: str, message: str, span: Span, hint: str = "") -> None:
        super().__init__(message)
        self.rule, self.message, self.span, self.hint = rule, message, span, hint


class PlainLoader(yaml.CSafeLoader):
    """The safe loader, but a key given twice and a value that cannot be are refused at their place."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._without_duplicates: set[int] = set()

    def plain(self, node: yaml.Node) -> Any:
        """The value of a node to which no alias leads."""
        kind = type(node)
        if kind is yaml.ScalarNode and node.tag == _TEXT:
            return node.value
        if kind is yaml.SequenceNode and node.tag == _LIST:
            return [self.plain(each) for each in node.value]
        if kind is not yaml.MappingNode or node.tag != _MAPPING:
            return self.construct_object(node, deep=True)
        found: dict[str, Any] = {}
        for key, value in node.value:
            if type(key) is not yaml.ScalarNode or key.tag != _TEXT or key.value in found:
                return self.construct_object(node, deep=True)
            found[key.value] = self.plain(value)
        return found

    def resolve(self, kind: type[yaml.Node], value: str, implicit: tuple[bool, bool]) -> str:
        """The tag of a node that has none; a fleet's scalars are the same few again and again."""
        if kind is yaml.ScalarNode and implicit[0] and len(value) <= _FEW_CHARACTERS:
            return _tag_of(value)
        tag: str = super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]
        return tag

    def descend_resolver(self, current_node: yaml.Node | None, current_index: Any) -> None:
        """Called for each node; only tags that depend on a node's path would need it."""

    def ascend_resolver(self) -> None:
        """The way back; see above."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """PyYAML calls this before it reads a mapping, to put into it what `<<` merges: look at its own keys first."""
        if id(node) not in self._without_duplicates:
            self._without_duplicates.add(id(node))
            self._refuse_duplicates(node)
        super().flatten_mapping(node)

    def _refuse_duplicates(self, node: yaml.MappingNode) -> None:
        seen: dict[Any, str] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            merges = key.tag == MERGE
            value = MERGE if merges else read_key(self, key)
            if value in seen:
                before, here = seen[value], span_of(key)
                message = f"key `{_short(key.value)}` stands twice in this mapping, first {before}"
                hint = "write `<<: [*a, *b]`" if merges else "remove one; the second would win silently"
                raise Refused("duplicate-key", message, here, hint)
            written = f"as `{_short(key.value)}` " if value != key.value and not merges else ""
            seen[value] = f"{written}on line {key.start_mark.line + 1}"

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        """Raises ValueError, which construct_object turns into a refusal."""
        if len(node.value) > MAX_DIGITS:
            raise ValueError(node.value)
        number: int = super().construct_yaml_int(node)
        if not -(2**63) <= number < 2**63:
            hint = "put it in quotes if it is meant as text"
            raise Refused("invalid-yaml", f"`{_short(node.value)}` does not fit into 64 bits", span_of(node), hint)
        return number

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # noqa: FBT001, FBT002 - PyYAML's signature
        try:
            return super().construct_object(node, deep)
        except (ValueError, OverflowError, TypeError, KeyError, AttributeError, IndexError):
            kind = {"int": "whole number", "float": "number", "timestamp": "date"}.get(
                node.tag.rpartition(":")[2], "value"
            )
            hint = "put it in quotes if it is meant as text"
            raise Refused("invalid-yaml", f"`{_short(node.value)}` is no valid {kind}", span_of(node), hint) from None


PlainLoader.add_constructor("tag:yaml.org,2002:int", PlainLoader.construct_yaml_int)
for _beyond in ("binary", "omap", "pairs", "set"):
    PlainLoader.yaml_constructors[f"tag:yaml.org,2002:{_beyond}"] = PlainLoader.construct_undefined


@lru_cache(maxsize=4096)
def _tag_of(value: str) -> str:
    resolvers = PlainLoader.yaml_implicit_resolvers.get(value[:1], ())
    return next((tag for tag, pattern in resolvers if pattern.match(value)), _TEXT)


def _short(value: object) -> str:
    text = value if isinstance(value, str) else "…"
    return text if len(text) <= 40 else text[:39] + "…"
