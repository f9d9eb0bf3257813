"""A file of rows, changed in its place: what differs is replaced, and every other character stays.

The text is edited, not written anew, so that comments, quotes and the order of rows survive, and a diff shows what has
changed and nothing else. What comes out is read again and compared before anybody gets it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import yaml

from mergeflow.plain_yaml import construct
from mergeflow.sync.rows import Change, Row, Way, differences, in_words, summary

HEAD = "# The simulators of the Django site. `mergeflow sync django` keeps this list.\n"
_WIDE = 2**31 - 1


class RowsError(Exception):
    """A file of rows that cannot be changed in place; what is said of it, without its name."""


class _Edit(NamedTuple):
    """Characters `start` to `end` become `text`."""

    start: int
    end: int
    text: str


def edited(text: str, rows: Sequence[Row], kept: Collection[int] = ()) -> tuple[str, tuple[Change, ...]]:
    """The text with these rows, and what has changed; a row whose id is in `kept` stays as it is. Raises RowsError."""
    there = _there(text)
    wanted = {row.id: row for row in rows}
    edits: list[_Edit] = []
    changes: list[Change] = []
    for found in there:
        row = wanted.pop(found.id, None)
        if row is None and found.id not in kept:
            changes.append(Change("remove", found.id, summary(found.data)))
            edits.append(_Edit(found.above, found.end, ""))
        elif row is not None and (different := differences(found.data, row)):
            changes.append(Change("change", row.id, in_words(found.data, row, different)))
            edits += _changed(text, found, row, different)
    new = sorted(wanted.values(), key=lambda each: each.id)
    changes += [Change("add", row.id, summary(row.data())) for row in new]
    edits += _added(text, there, new)
    result = _apply(text, edits)
    _verify(result, rows, kept)
    return result, tuple(sorted(changes, key=lambda each: each.id))


class _Found(NamedTuple):
    """A row of the text: its data and node, and the characters that it takes, with the comments `above` it."""

    id: int
    data: Mapping[str, Any]
    node: yaml.MappingNode
    above: int
    start: int
    end: int


def _there(text: str) -> list[_Found]:
    """The rows of the text, in its order. Raises RowsError."""
    try:
        data, root = construct(text), yaml.compose(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError) as error:
        raise RowsError(f"is no YAML ({' '.join(str(error).split())[:120]}); mend it first") from None
    if root is None or data == []:
        return []
    if not isinstance(root, yaml.SequenceNode) or root.flow_style or not all(isinstance(row, dict) for row in data):
        raise RowsError("must list simulators, each begun by `- id: …` on a line of its own")
    found = [
        _located(text, row, node, first=i == 0) for i, (row, node) in enumerate(zip(data, root.value, strict=True))
    ]
    ids = [each.id for each in found]
    if twice := next((each for each in ids if ids.count(each) > 1), None):
        raise RowsError(f"has simulator {twice} twice; remove one")
    return found


def _located(text: str, row: Mapping[str, Any], node: yaml.MappingNode, *, first: bool) -> _Found:
    number = row.get("id")
    if not isinstance(number, int) or isinstance(number, bool):
        raise RowsError(f"has a row without the number of a simulator under `id`: {str(dict(row))[:80]}")
    start = text.rfind("\n", 0, text.rindex("-", 0, node.start_mark.index)) + 1
    last = _last(node).end_mark.index
    end = last if text[last - 1 : last] == "\n" else text.find("\n", last) + 1 or len(text)
    above = start
    while not first and above:
        line = text.rfind("\n", 0, above - 1) + 1
        if not text[line:above].lstrip().startswith("#"):
            break
        above = line
    return _Found(number, row, node, above, start, end)


def _last(node: yaml.Node) -> yaml.Node:
    """The scalar, or the collection in brackets, with which a node ends: a block ends only where the next begins."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        node = node.value[-1][1] if isinstance(node, yaml.MappingNode) else node.value[-1]
    return node


def _changed(text: str, found: _Found, row: Row, different: Sequence[Way]) -> Iterator[_Edit]:
    """Each different value alone where it is written plainly; the whole row where it is not."""
    values = row.values()
    nodes = [_scalar(found, way) for way in different]
    if all(nodes):
        for way, node in zip(different, nodes, strict=True):
            if node is not None:
                yield _Edit(node.start_mark.index, node.end_mark.index, _plain(values[way]))
        return
    whole = {**found.data, **row.data()}
    yield _Edit(found.start, found.end, _written(text, whole, _indent(text, found)))


def _scalar(found: _Found, way: Way) -> yaml.ScalarNode | None:
    node: Any = found.node
    for key in way:
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        node = next((value for name, value in pairs if name.value == key), None)
    plain = isinstance(node, yaml.ScalarNode) and node.style not in ("|", ">") and node.value != ""
    return node if plain and found.start <= node.start_mark.index < found.end else None


def _added(text: str, there: Sequence[_Found], new: Sequence[Row]) -> Iterator[_Edit]:
    """Each before the first row with a greater number, or at the end."""
    indent = _indent(text, there[0]) if there else ""
    at_end = ""
    for row in new:
        written = _written(text, row.data(), indent)
        after = next((found for found in there if found.id > row.id), None)
        if after is not None:
            yield _Edit(after.above, after.above, written)
        else:
            at_end += written
    if not at_end:
        return
    end = there[-1].end if there else len(text)
    if not there and construct(text) == []:
        yield _Edit(text.rindex("["), text.rindex("]") + 1, at_end.rstrip())
    elif not text:
        yield _Edit(0, 0, HEAD + at_end)
    else:
        yield _Edit(end, end, at_end if text[:end].endswith("\n") else _newline(text) + at_end)


def _indent(text: str, found: _Found) -> str:
    return text[found.start : text.index("-", found.start)]


def _written(text: str, data: Mapping[str, Any], indent: str) -> str:
    dumped = yaml.safe_dump([dict(data)], sort_keys=False, allow_unicode=True, width=_WIDE)
    return "".join(f"{indent}{line}{_newline(text)}" for line in dumped.splitlines())


def _plain(value: Any) -> str:
    """A scalar as it may stand in a block and between brackets."""
    return yaml.safe_dump([value], default_flow_style=True, allow_unicode=True, width=_WIDE).strip()[1:-1]


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _apply(text: str, edits: Sequence[_Edit]) -> str:
    """The edits, the last first; of two insertions at one place the one that was made first comes first."""
    numbered = sorted(enumerate(edits), key=lambda each: (each[1].start, each[1].end, each[0]), reverse=True)
    for _, edit in numbered:
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _verify(text: str, rows: Sequence[Row], kept: Collection[int]) -> None:
    """What is written must read as what was wanted, or nothing is written. Raises RowsError."""
    try:
        found = {each.id: each.data for each in _there(text)}
    except RowsError:
        found = {}
    wanted = {row.id for row in rows}
    if not wanted <= found.keys() <= wanted | {*kept} or any(differences(found[row.id], row) for row in rows):
        raise RowsError("cannot be changed in place; write its rows without anchors and aliases first")
