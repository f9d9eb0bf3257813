"""Which item the wanted DAG is made for, told from its dag_id: of thousands of rows few are looked at closely."""

from collections.abc import Callable, Mapping
from typing import Any

from mergeflow.diagnostic import Route
from mergeflow.document import Document
from mergeflow.expressions import looked_up, single


def may_be(
    wanted: str | None, key: str, data: Mapping[str, Any], templates: Mapping[str, Document]
) -> Callable[[Any], bool]:
    """Whether a key makes the wanted DAG of an item's value; true wherever that takes more than a look."""
    parts = single(key) if wanted is not None else None
    if wanted is None or parts is None:
        return lambda _: True
    before, way, after = parts
    root, *steps = way if way[0] != "params" else _passed_on(way, data, templates) or way
    text = wanted[len(before) : len(wanted) - len(after)]
    if root != "item":
        return lambda _: True

    def is_it(value: Any) -> bool:
        for step in steps:
            value = value.get(step) if isinstance(value, dict) else None
        return value == text or not isinstance(value, str)

    return is_it


def _passed_on(way: Route, data: Mapping[str, Any], templates: Mapping[str, Document]) -> Route:
    """The way to the value that a parameter is given, where that is taken as it is written; nothing elsewhere."""
    template = next((each.data for name, each in templates.items() if name == data.get("template")), None)
    schema = _mapping(_mapping(_mapping(template).get("params")).get(way[1])) if len(way) == 2 else {}
    plain = schema.get("type") == "string" and "format" not in schema
    return looked_up(_mapping(data.get("with")).get(way[1])) if plain else ()


def _mapping(value: object) -> Mapping[Any, Any]:
    return value if isinstance(value, dict) else {}
