"""Bytes become plain YAML data or are refused: what a config may not contain, wherever it stands in the file.

Everything here is safe against hostile input: no tag is ever executed, and depth, size and aliases are bounded before
anything recursive sees them.
"""

import re
from typing import Any

import yaml
from yaml.reader import Reader

from mergeflow.constructor import PlainLoader, Refused
from mergeflow.nodes import span_of
from mergeflow.source import START, Position, Span

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 100
MAX_VALUES = 200_000
"""How many values a file may hold once its aliases are written out: an alias bomb holds billions."""
MOST_NODES = 300_000
"""Keys and values of a file as it is written; only a list of next to nothing has more in a mebibyte."""
CHARACTERS_PER_VALUE = 100
"""A long text counts as several values, or an alias bomb would be made of a single one."""
BYTE_ORDER_MARK = "\ufeff"
"""Allowed as the first character only: elsewhere PyYAML counts it as no column."""

_FAR_RIGHT = re.compile(r"^[ \-?:]{24}", re.MULTILINE)
_ESCAPED_NUL = re.compile(r"\\(0|x00|u0000|U00000000)")
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


def decode(content: bytes) -> str:
    """A config's text, without a byte-order mark. Raises Refused."""
    if len(content) > MAX_BYTES:
        raise Refused("invalid-yaml", "the file is larger than 1 MiB", START, "split it: one file per DAG reads best")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = content[: error.start].decode("utf-8", "replace")
        raise Refused("invalid-yaml", "the file is not UTF-8", _at(good, len(good)), "save it as UTF-8") from None
    at = found.start() if (found := Reader.NON_PRINTABLE.search(text)) else text.find(BYTE_ORDER_MARK)
    if at >= 0:
        message = f"character U+{ord(text[at]):04X} cannot stand in YAML"
        raise Refused("invalid-yaml", message, _at(text, at), "remove it; is this a binary file?")
    return text


def may_be_deep(text: str) -> bool:
    """Whether a text might nest too deeply, or hold a second document; most show at a glance that they do not.

    A block begins to the right of the one around it, or a list at the same column as its key: so two levels for each
    column at most; a flow begins with its bracket.
    """
    few = MAX_DEPTH // 2
    return "---" in text or "..." in text or text.count("[") + text.count("{") > few or bool(_FAR_RIGHT.search(text))


def may_be_many(text: str) -> bool:
    """Whether a text might hold too many keys and values: each but the outermost stands beside one of these."""
    return len(text) > MOST_NODES and sum(map(text.count, ",\n\r\x85\u2028\u2029:-]}")) >= MOST_NODES


def _number(root: yaml.Node) -> int:
    """How many keys and values are written, an alias counted as one."""
    seen: set[int] = set()
    number, waiting = 0, [root]
    while waiting and number <= MOST_NODES:
        node = waiting.pop()
        number += 1
        if id(node) not in seen:
            seen.add(id(node))
            waiting += _children(node)
    return number


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
    if may_be_deep(text):
        _guard(text)
    has_aliases = "*" in text and "&" in text
    loader = PlainLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        if may_be_many(text) and _number(node) > MOST_NODES:
            hint = "split it: one file per DAG reads best"
            raise Refused("invalid-yaml", f"the file holds over {MOST_NODES:,} keys and values", START, hint)
        if has_aliases:
            _guard_aliases(node)
        if _ESCAPED_NUL.search(text):
            _refuse_nul(node)
        return loader.construct_document(node) if has_aliases else loader.plain(node)
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
                _weight(node) + sum(size for size, _ in sizes),
                1 + max((d for _, d in sizes), default=0),
            )
            if values > MAX_VALUES or depth > MAX_DEPTH + 1:
                what = f"{MAX_VALUES:,} values" if values > MAX_VALUES else f"{MAX_DEPTH} levels"
                raise Refused("invalid-yaml", f"the aliases write out to over {what}", span_of(node))
        return measured[key]

    measure(root)


def _refuse_nul(node: yaml.Node) -> None:
    """No database takes a NUL character, and YAML can write one with an escape."""
    if isinstance(node, yaml.ScalarNode) and "\0" in node.value:
        raise Refused("invalid-yaml", "a text cannot hold a NUL character", span_of(node), "remove it")
    for child in _children(node):
        _refuse_nul(child)


def _weight(node: yaml.Node) -> int:
    return 1 + (len(node.value) // CHARACTERS_PER_VALUE if isinstance(node, yaml.ScalarNode) else 0)


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [child for pair in node.value for child in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def lines_of(text: str) -> list[str]:
    """The lines of a text as YAML counts them, without their breaks."""
    return _LINE_BREAK.split(text)


def _at(text: str, offset: int) -> Span:
    before = _LINE_BREAK.split(text[:offset])
    start = Position(len(before), len(before[-1]) + 1)
    return Span(start, Position(start.line, start.column + 1))
