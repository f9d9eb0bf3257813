"""Whether data has the shape of a model: a sieve lets through what is surely right, and pydantic judges the rest.

Importing pydantic and building its validators takes five times as long as everything else that a check of one file
does. So the models are tabulated (`table.py`, generated from them): which keys each has, and which plain kinds of value
a key surely takes. Only what the table cannot answer is given to the models themselves.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from mergeflow.diagnostic import Place, Problem
from mergeflow.model.kinds import COUNTS, SHORT, Kind, Shape
from mergeflow.model.table import SHAPES

BUILT_BY_DAG_FACTORY = ("__type__", "__and__", "__or__", "__join__")
"""Keys of a mapping that dag-factory turns into another value, whose type no model can know."""

_BY_TYPE: Mapping[type, Kind] = {
    type(None): "nothing",
    bool: "flag",
    float: "number",
    date: "moment",
    datetime: "moment",
}


def shape_problems(model: str, data: object, place: Place, owner: str) -> list[Problem]:
    """What keeps `data`, which stands at `place`, from being a `model`; `owner` names it in messages."""
    if isinstance(data, dict) and is_surely(SHAPES[model], data):
        return []
    from mergeflow.model.refusals import refusals

    return refusals(model, data, place, owner)


def is_surely(shape: Shape, data: Mapping[Any, Any]) -> bool:
    """Whether the table alone can say that a mapping has this shape."""
    keys = shape.keys
    for key, value in data.items():
        if key in keys:
            if kind_of_value(value) not in keys[key] and not is_built(value):
                return False
        elif not shape.open or not isinstance(key, str):
            return False
    return all(key in data for key in shape.required)


def is_built(value: object) -> bool:
    """Whether dag-factory turns this mapping into something else."""
    return isinstance(value, dict) and any(each in value for each in BUILT_BY_DAG_FACTORY)


def kind_of_value(value: object) -> Kind | None:
    """The narrowest kind that a plain value is of, or none where the table has nothing to say."""
    if isinstance(value, str):
        return "text" if len(value) <= SHORT else "prose"
    if isinstance(value, list):
        return _kind_of_list(value)
    if isinstance(value, dict):
        if not all(isinstance(each, str) for each in value):
            return None
        return "labels" if all(isinstance(each, str) and len(each) <= SHORT for each in value.values()) else "mapping"
    if type(value) is int:
        return "count" if value in COUNTS else None
    return _BY_TYPE.get(type(value))


def _kind_of_list(value: list[Any]) -> Kind:
    if all(isinstance(each, str) and len(each) <= SHORT for each in value):
        return "texts"
    kinds = {kind_of_value(each) if isinstance(each, str | int) else None for each in value}
    return "counts" if kinds == {"count"} else "plains" if kinds <= {"count", "text"} else "list"
