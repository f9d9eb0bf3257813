"""The values of a sample as those of a table: which type a column has, and a value as the driver wants it."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Double, Text
from sqlalchemy.types import TypeEngine

_WHOLE = re.compile(r"[-+]?(0|[1-9]\d{0,17})")
_NUMBER = re.compile(r"[-+]?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?")
_FLAGS = {"true": True, "false": False}
OF_SUITES: Mapping[str, type[TypeEngine[Any]]] = {
    "boolean": Boolean,
    "date": Date,
    "integer": BigInteger,
    "number": Double,
    "text": Text,
    "timestamp": DateTime,
}
"""The types of columns in the words of suites."""


class UnfitError(Exception):
    """A value that is none of its column's; with the column, the value and what the column holds."""


def kind_of(values: Sequence[Any]) -> type[TypeEngine[Any]]:
    """The type that all values of a column have; texts as a CSV writes them."""
    there = [value for value in values if value is not None]
    tests: tuple[tuple[type[TypeEngine[Any]], Any], ...] = (
        (Boolean, lambda value: isinstance(value, bool) or str(value).lower() in _FLAGS),
        (BigInteger, lambda value: not isinstance(value, bool | float) and _WHOLE.fullmatch(str(value))),
        (Double, lambda value: not isinstance(value, bool) and _NUMBER.fullmatch(str(value))),
        (Date, lambda value: type(value) is date or _is(date, value)),
        (DateTime, lambda value: isinstance(value, datetime) or _is(datetime, value)),
    )
    return next((kind for kind, fits in tests if there and all(map(fits, there))), Text)


def _is(kind: Any, value: Any) -> bool:
    if not isinstance(value, str) or "-" not in value[1:]:  # Python would take 20240131, too
        return False
    try:
        kind.fromisoformat(value)
    except ValueError:
        return False
    return True


def value_for(column: Column[Any], value: Any) -> Any:
    """A value as the driver wants it for a column. Raises UnfitError."""
    if value is None:
        return None
    try:
        wanted = column.type.python_type
    except NotImplementedError:
        return value
    if isinstance(value, str):
        value = value if wanted is str else value.strip()
    try:
        return _converted(wanted, value)
    except (ValueError, TypeError, KeyError, InvalidOperation):
        raise UnfitError(column.name, value, wanted.__name__) from None


def _converted(wanted: type, value: Any) -> Any:
    if wanted is bool and isinstance(value, str):
        return {**_FLAGS, "1": True, "0": False, "t": True, "f": False}[value.lower()] if value else None
    if wanted in (datetime, date, time) and isinstance(value, str):
        return wanted.fromisoformat(value)
    if wanted in (int, float, Decimal) and not isinstance(value, wanted):
        return wanted(str(value))
    return str(value) if wanted is str and not isinstance(value, str) else value
