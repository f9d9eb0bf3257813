"""What an expectation suite says, and whether it has a suite's shape; its expectations are the rules' business."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mergeflow.diagnostic import Place, Problem, Route
from mergeflow.document import Document
from mergeflow.model import near, shape_problems

SEVERITIES = ("critical", "warning")
"""`critical` stops the pipeline, `warning` reports."""
TYPES = ("boolean", "date", "integer", "number", "text", "timestamp")
"""What a column's type may be called."""
_TYPES_ELSEWHERE = {
    "bool": "boolean",
    "datetime": "timestamp",
    "decimal": "number",
    "float": "number",
    "int": "integer",
    "str": "text",
    "string": "text",
    "varchar": "text",
}
"""Python's and databases' words."""
OWN_KEYS = ("expectation", "severity")
"""The keys of an expectation that are not its parameters."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One expectation, or one column, as the file has it; `route` leads to it from the file."""

    name: str
    route: Route
    config: Mapping[str, Any]

    @property
    def parameters(self) -> dict[str, Any]:
        """An expectation's own parameters."""
        return {key: value for key, value in self.config.items() if key not in OWN_KEYS}


def expectations(data: object) -> Iterator[Entry]:
    """The expectations of a suite, as far as they have a name."""
    for i, each in _listed(data, "expectations"):
        if isinstance(each, dict) and isinstance(each.get("expectation"), str):
            yield Entry(each["expectation"], ("expectations", i), each)


def columns(data: object) -> Iterator[Entry]:
    """The columns of a suite in either form, as far as they have a name; one without a word said of it is empty."""
    listed = data.get("columns") if isinstance(data, dict) else None
    if isinstance(listed, dict):
        pairs = ((name, name, config) for name, config in listed.items())
    else:
        pairs = ((i, each.get("name"), each) for i, each in _listed(data, "columns") if isinstance(each, dict))
    for segment, name, config in pairs:
        if isinstance(name, str) and isinstance(config or {}, dict):
            yield Entry(name, ("columns", segment), config or {})


def suite_problems(document: Document) -> Iterator[Problem]:
    """What keeps a document from being a suite."""
    data, path = document.data, document.path
    yield from shape_problems("Suite", data, Place(path), "this suite")
    if not isinstance(data, dict):
        return
    if data.get("expectations") == []:
        message = "this suite has no expectations, so it holds whatever the data is"
        yield Problem("invalid-value", message, Place(path, ("expectations",)), "write one, or remove the suite")
    for i, each in _listed(data, "expectations"):
        place = Place(path, ("expectations", i))
        owner = f"expectation {int(i) + 1}"
        yield from shape_problems("Expectation", each, place, owner)
        yield from _word(each, "severity", SEVERITIES, place, owner)
    for segment, each in _columns(data.get("columns")):
        place = Place(path, ("columns", segment))
        owner = f"column {segment + 1}" if isinstance(segment, int) else f"column `{segment}`"
        if each is not None:
            yield from shape_problems("Column", each, place, owner)
            yield from _word(each, "type", TYPES, place, owner)
        if isinstance(segment, int) and (each is None or (isinstance(each, dict) and "name" not in each)):
            yield Problem("missing-key", f"{owner} has no `name`", place, "write `name: …`")


def _word(data: object, key: str, words: tuple[str, ...], place: Place, owner: str) -> Iterator[Problem]:
    """A problem where a text is none of a few words."""
    value = data.get(key) if isinstance(data, dict) else None
    if isinstance(value, str) and value not in words:
        message = f"`{key}` of {owner} must be one of {', '.join(f'`{each}`' for each in words)}, not `{value}`"
        yield Problem("invalid-value", message, Place(place.path, (*place.route, key)), _hint(value, words))


def _hint(value: str, words: tuple[str, ...]) -> str:
    meant = _TYPES_ELSEWHERE.get(value.lower())
    return f"did you mean `{meant}`?" if meant in words else near(value, words)


def _columns(listed: object) -> Iterator[tuple[str | int, object]]:
    if isinstance(listed, dict):
        yield from listed.items()
    elif isinstance(listed, list):
        yield from enumerate(listed)


def _listed(data: object, key: str) -> Iterator[tuple[int, object]]:
    listed = data.get(key) if isinstance(data, dict) else None
    if isinstance(listed, list):
        yield from enumerate(listed)
