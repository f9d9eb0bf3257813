"""Simulators as rows, and what differs between two of them, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

Way = tuple[str, ...]
"""The keys that lead to a value of a row."""

_NAMED: Mapping[Way, str] = {
    ("start_date",): "start",
    ("interval",): "interval",
    ("kpi", "id"): "KPI",
    ("kpi", "name"): "KPI's name",
    ("kpi", "formula"): "formula",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A simulator with its KPI, as the site has them."""

    id: int
    start_date: date
    interval: str
    kpi_id: int
    kpi_name: str
    formula: str

    def values(self) -> dict[Way, Any]:
        """Each value by the keys that lead to it."""
        return {way: value_at(self.data(), way) for way in (("id",), *_NAMED)}

    def data(self) -> dict[str, Any]:
        """The row as it is written."""
        kpi = {"id": self.kpi_id, "name": self.kpi_name, "formula": self.formula}
        return {"id": self.id, "start_date": self.start_date, "interval": self.interval, "kpi": kpi}


class Change(NamedTuple):
    """What is done to one simulator: `add`, `change` or `remove`, and the particulars in words."""

    kind: str
    id: int
    details: str

    def __str__(self) -> str:
        return f"{self.kind} simulator {self.id}: {self.details}"


def value_at(data: Any, way: Way) -> Any:
    """The value that these keys lead to; nothing where they lead nowhere."""
    for key in way:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data


def differences(data: Mapping[str, Any], row: Row) -> list[Way]:
    """The ways to what the data has otherwise than the row; a text is no number, whatever it looks like."""
    pairs = [(way, value_at(data, way), value) for way, value in row.values().items()]
    return [way for way, there, value in pairs if type(there) is not type(value) or there != value]


def summary(data: Mapping[str, Any]) -> str:
    """A row in a line."""
    name, formula = value_at(data, ("kpi", "name")), value_at(data, ("kpi", "formula"))
    return f"{name} ({formula}), {data.get('interval')}, from {data.get('start_date')}"


def in_words(data: Mapping[str, Any], row: Row, different: Sequence[Way]) -> str:
    """What a row changes of the data."""
    values = row.values()
    return ", ".join(f"{_NAMED[way]} from `{value_at(data, way)}` to `{values[way]}`" for way in different)
