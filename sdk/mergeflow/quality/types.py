"""A column's type in the few words that suites use, whatever database or file it stands in."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import Series

MOMENTS = ("date", "timestamp")
_ALSO = {"integer": ("number",), "flag": ("boolean", "integer", "number"), "moment": MOMENTS}
"""What else a type may be called: MySQL's booleans are small integers, and pandas has no dates of their own."""


def fits(found: str, wanted: str) -> bool:
    """Whether a column of the type `found` is what a suite calls `wanted`."""
    return found == wanted or wanted in _ALSO.get(found, ())


def of_sql(kind: Any) -> str:
    """The type of a database's column, from SQLAlchemy's; a type without a word of ours keeps its name."""
    from sqlalchemy import types

    if getattr(kind, "display_width", None) == 1:
        return "flag"
    words = {
        types.Boolean: "boolean",
        types.Integer: "integer",
        types.Numeric: "number",
        types.Float: "number",
        types.String: "text",
        types.DateTime: "timestamp",
        types.Date: "date",
    }
    return next((word for each, word in words.items() if isinstance(kind, each)), str(kind).lower())


def of_frame(column: "Series[Any]") -> str:
    """The type of a frame's column, or nothing where it holds nothing.

    A whole number stays one beside gaps, for which pandas makes it a float.
    """
    if column.isna().all():
        return ""
    if column.dtype.kind == "f" and (column.dropna() % 1 == 0).all():
        return "integer"
    if column.dtype.kind == "O" and all(isinstance(each, bool) for each in column.dropna()):
        return "boolean"  # beside gaps, which pandas' own booleans cannot have
    if column.dtype.kind == "O" and all(isinstance(each, Decimal) for each in column.dropna()):
        return "number"
    if column.dtype.kind == "O" and all(isinstance(each, date) for each in column.dropna()):
        return "moment"
    words = {"b": "boolean", "i": "integer", "u": "integer", "f": "number", "M": "moment"}
    return words.get(column.dtype.kind, "text")
