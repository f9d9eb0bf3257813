"""Bytes become plain YAML data or are refused: what a config may not contain, wherever it stands in the file.

Everything here is safe against hostile input: no tag is ever executed, and depth, size and aliases are bounded before
anything recursive sees them.
"""

import re
from collections.abc import Hashable
from typing import Any

import yaml

from mergeflow.nodes import span_of
from mergeflow.source import START, Position, Span

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 100
MAX_VALUES = 200_000
"""How many values a file may hold once its aliases are written out: an alias bomb holds billions."""

_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_NOT_YAML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Refused(Exception):
    """A text that is no config, with its reason; `document.parse` makes a diagnostic of it."""

    def __init__(self, rule: str, message: str, span: Span, hint: str = "") -> None:
        super().__init__(message)
        self.rule, self.message, self.span, self.hint = rule, message, span, hint


def decode(content: bytes) -> str:
    """A config's text, without a byte-order mark. Raises Refused."""
    if len(content) > MAX_BYTES:
        raise Refused("invalid-yaml", "the file is larger than 1 MiB", START, "split it: one file per DAG reads best")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = content[: error.start].decode("utf-8", "replace")
        raise Refused("invalid-yaml", "the file is not UTF-8", _at(good, len(good)), "save it as UTF-8") from None
    if found := _NOT_YAML.search(text):
        message = f"character U+{ord(found[0]):04X} cannot stand in YAML"
        raise Refused("invalid-yaml", message, _at(text, found.start()), "remove it; is this a binary file?")
    return text


def _guard(text: str) -> None:
    """Refuse what would exhaust the stack or the memory, before anything recursive sees it."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise Refused("invalid-yaml", f"more than {MAX_DEPTH} levels of nesting", span_of(event))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                hint = "keep one document per file: remove `---`, or split the file"
                raise Refused("invalid-yaml", "a second YAML document starts here", span_of(event), hint)


def construct(text: str) -> Any:
    """The data that a text holds. Raises Refused, or PyYAML's MarkedYAMLError."""
    _guard(text)
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        if "*" in text and "&" in text:
            _guard_aliases(node)
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _guard_aliases(root: yaml.Node) -> None:
    """Refuse aliases that write out to too many values, to too many levels, or for ever."""
    measured: dict[int, tuple[int, int]] = {}
    being_measured: set[int] = set()

    def measure(node: yaml.Node) -> tuple[int, int]:
        """How many values a node writes out to, and how deep they go."""
        key = id(node)
        if key in being_measured:
            raise Refused("invalid-yaml", "this value contains itself through an alias", span_of(node))
        if key not in measured:
            being_measured.add(key)
            sizes = [measure(child) for child in _children(node)]
            being_measured.remove(key)
            measured[key] = values, depth = (
                1 + sum(size for size, _ in sizes),
                1 + max((d for _, d in sizes), default=0),
            )
            if values > MAX_VALUES or depth > MAX_DEPTH + 1:
                what = f"{MAX_VALUES:,} values" if values > MAX_VALUES else f"{MAX_DEPTH} levels"
                raise Refused("invalid-yaml", f"the aliases write out to over {what}", span_of(node))
        return measured[key]

    measure(root)


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [child for pair in node.value for child in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


class _Loader(yaml.CSafeLoader):
    """The safe loader, but a key given twice and a value that cannot be are refused at their place."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        seen: dict[str, yaml.Node] = {}
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if first := seen.get(key.value):
                    message = (
                        f"key `{key.value}` stands twice in this mapping, first on line {first.start_mark.line + 1}"
                    )
                    raise Refused("duplicate-key", message, span_of(key), "remove one; the second would win silently")
                seen[key.value] = key
        return super().construct_mapping(node, deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # noqa: FBT001, FBT002 - PyYAML's signature
        try:
            return super().construct_object(node, deep)
        except (ValueError, OverflowError, TypeError, KeyError, AttributeError, IndexError):
            kind = node.tag.rpartition(":")[2]
            hint = "put it in quotes if it is meant as text"
            raise Refused("invalid-yaml", f"`{_short(node.value)}` is no valid {kind}", span_of(node), hint) from None


def line_of(text: str, number: int) -> str:
    """A line of a text, counted from 1, without its break; empty past the end."""
    lines = _LINE_BREAK.split(text)
    return lines[number - 1] if number <= len(lines) else ""


def _at(text: str, offset: int) -> Span:
    before = _LINE_BREAK.split(text[:offset])
    start = Position(len(before), len(before[-1]) + 1)
    return Span(start, Position(start.line, start.column + 1))


def _short(value: object) -> str:
    text = value if isinstance(value, str) else "…"
    return text if len(text) <= 40 else text[:39] + "…"
