"""Which item the wanted DAG is made for, told from its dag_id: of thousands of rows few are looked at closely."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from mergeflow.diagnostic import Route
from mergeflow.document import Document
from mergeflow.expressions import looked_up, single


class Sought(NamedTuple):
    """What the item of the wanted DAG holds: a text, and the way to it."""

    text: str
    way: Route

    def is_in(self, value: Any) -> bool:
        """Whether this may be the item: it is not where it has another text there."""
        for step in self.way:
            value = value.get(step) if isinstance(value, dict) else None
        return value == self.text or not isinstance(value, str)


def sought(wanted: str | None, key: str, data: Mapping[str, Any], templates: Mapping[str, Document]) -> Sought | None:
    """What to look for among the items of the DAG `data`; none where its key does not tell, and all may be meant."""
    parts = single(key) if wanted is not None else None
    if wanted is None or parts is None:
        return None
    before, way, after = parts
    root, *steps = way if way[0] != "params" else _passed_on(way, data, templates) or way
    text = wanted[len(before) : len(wanted) - len(after)]
    return Sought(text, tuple(steps)) if root == "item" else None


def _passed_on(way: Route, data: Mapping[str, Any], templates: Mapping[str, Document]) -> Route:
    """The way to the value that a parameter is given, where that is taken as it is written; nothing elsewhere."""
    template = next((each.data for name, each in templates.items() if name == data.get("template")), None)
    schema = _mapping(_mapping(_mapping(template).get("params")).get(way[1])) if len(way) == 2 else {}
    plain = schema.get("type") == "string" and "format" not in schema
    return looked_up(_mapping(data.get("with")).get(way[1])) if plain else ()


def _mapping(value: object) -> Mapping[Any, Any]:
    return value if isinstance(value, dict) else {}
