"""What a template's parameter may be beyond its JSON type: `format: interval` is read as a schedule, and so on.

JSON Schema leaves it open what a `format` does. These are read as what they mean, so that a template needs no code for
it, and what means nothing is found where it is written.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from mergeflow.model import kind_of


def reads(name: object) -> bool:
    """Whether a `format` is one of these; any other is only a remark, as in JSON Schema."""
    return isinstance(name, str) and name in _READERS


def read(name: str, value: Any) -> Any:
    """The value that a text of this format means. Raises ValueError, in one line without a full stop."""
    return _READERS[name](value)


def _interval(value: Any) -> Any:
    from mergeflow.intervals import schedule_of

    return schedule_of(_text(value, "an interval"))


def _formula(value: Any) -> Any:
    from mergeflow.formulas import fault_in

    text = _text(value, "a formula")
    if fault := fault_in(text):
        raise ValueError(fault)
    return text


def _date(value: Any) -> Any:
    """A day, as YAML has read it or as a text, for a table's cells are all texts."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(_text(value, "a date"))
    except ValueError:
        raise ValueError("a date is written as year, month, day, like 2024-01-31") from None


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{what} is text, not {kind_of(value)}")  # noqa: TRY004 - a reader raises nothing else
    return value


_READERS: Mapping[str, Callable[[Any], Any]] = {"date": _date, "formula": _formula, "interval": _interval}
