"""The columns of a sample, looked at once: what a proposal needs to know of each."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from mergeflow.quality.forms import Form, form_of, is_id, is_personal
from mergeflow.quality.types import of_frame
from mergeflow.rules.secrets import may_hold_one, secret_in

if TYPE_CHECKING:
    from pandas import DataFrame, Series

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")

MOST_TEXTS, LONGEST_TEXT = 1000, 1000
"""How many of a column's different texts are searched for secrets, and how much of each."""


@dataclass(frozen=True)
class Column:
    """One column: `values` are its different values without gaps, sorted; none where they cannot be compared."""

    name: str
    type: str | None
    rows: int
    gaps: int
    values: tuple[Any, ...] | None = None
    form: Form | None = None
    """Of texts, where it is obvious."""
    untyped: str = ""
    """Why nothing can be said of its type."""

    @property
    def is_unique(self) -> bool:
        """Whether no value is there twice, and none is missing."""
        return self.values is not None and len(self.values) == self.rows and not self.gaps

    @property
    def is_id(self) -> bool:
        """Whether its name says that it names something."""
        return is_id(self.name)

    @cached_property
    def sensitive(self) -> str:
        """Why its values look like somebody's own, or nothing."""
        if self.form is not None and self.form.is_personal:
            return f"it holds {self.form.called}"
        if is_personal(self.name):
            return "its name sounds personal"
        texts = (each[:LONGEST_TEXT] for each in islice(self.values or (), MOST_TEXTS) if isinstance(each, str))
        return "it may hold secrets" if any(may_hold_one(each) and secret_in(each) for each in texts) else ""


def look(frame: "DataFrame", name: str, padded: Collection[str] = ()) -> Column:
    """One column of a frame, which is changed: texts that are dates become dates, as a check would read them.

    `padded` are columns that only look like numbers: in the file they begin with zeros.
    """
    series = frame[name]
    kind = _type(series)
    if kind in ("date", "timestamp"):
        kind = _moments(frame, name, kind)
        series = frame[name]
    rows, gaps = len(series), int(series.isna().sum())
    if kind is None:
        return Column(name, None, rows, gaps, untyped="" if gaps == rows else "its type is not sure")
    if kind in ("integer", "number") and name in padded:
        return Column(name, None, rows, gaps, untyped="texts such as 007, which are read from a file as numbers")
    values = tuple(_plain(series.dropna().drop_duplicates().tolist()))
    form = form_of(values) if kind == "text" else None
    return Column(name, kind, rows, gaps, tuple(sorted(values)), form)


def _type(series: "Series[Any]") -> str | None:
    """A type that can be relied on; none where nothing can be told, or where values are of several kinds."""
    found = of_frame(series)
    if found == "integer" and series.dtype.kind == "f":
        return _type_of_floats(series)
    if found == "moment" and series.dtype.kind == "M":
        return "date" if (series.dropna() == series.dropna().dt.normalize()).all() else "timestamp"
    return _type_of_objects(series.dropna().tolist()) if found in ("text", "moment") else found or None


def _type_of_floats(series: "Series[Any]") -> str | None:
    """What was written with decimals, or has gaps, for which pandas makes floats of whole numbers and of booleans."""
    if not series.isna().any():
        return "number"
    return None if set(series.dropna()) <= {0.0, 1.0} else "integer"


def _type_of_objects(values: list[Any]) -> str | None:
    if all(isinstance(each, str) for each in values):
        if all(map(_DATE.fullmatch, values)):
            return "date"
        return "timestamp" if all(map(_TIMESTAMP.fullmatch, values)) else "text"
    if all(isinstance(each, date) for each in values):
        return "timestamp" if any(isinstance(each, datetime) for each in values) else "date"
    return None


def _moments(frame: "DataFrame", name: str, kind: str) -> str | None:
    """The type, where a check can read these as dates, too; else that of what they are."""
    import pandas as pd

    try:
        frame[name] = pd.to_datetime(frame[name], format="ISO8601")
    except (ValueError, TypeError):
        return "text" if all(isinstance(each, str) for each in frame[name].dropna()) else None
    return kind if frame[name].dtype.kind == "M" else None


def _plain(values: list[Any]) -> Iterator[Any]:
    """Whole numbers as such: beside gaps, pandas makes them floats."""
    return (int(each) if isinstance(each, float) and each.is_integer() else each for each in values)
