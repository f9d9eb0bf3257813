"""What came of one expectation, as plain data, and how its values are spelled for people."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from mergeflow.quality.suite import Expectation

Status = Literal["passed", "failed", "error"]
"""An `error` is an expectation that could not be looked at: it is never taken for one that holds."""

MOST_EXAMPLES = 5
"""How many of the values that broke an expectation are shown."""
LONGEST_TEXT = 80
"""Beyond this a value or a reason is cut: a message is not where whole documents are read."""
_MOST_DIGITS = 300
"""Beyond this a number is shown as a database writes it: written out it may be endless."""
_LONGEST_VALUE = 1000
"""Beyond this a value is cut before it is stored anywhere: as JSON text."""


@dataclass(frozen=True, slots=True)
class Example:
    """A value that broke an expectation, and what names its row: its primary key, or its number in a file."""

    value: Any
    key: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        named = ", ".join(f"{name} {spell(value)}" for name, value in self.key.items())
        return f"{spell(self.value)} ({named})" if named else spell(self.value)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One expectation after it was looked at; what was seen is plain JSON, and nothing in it is sensitive.

    `found` says in words what was seen instead, and is empty when it holds. `unexpected` of `total` values broke it,
    where values are what it looks at; `observed` is the one thing that other expectations look at.
    """

    expectation: Expectation
    status: Status
    found: str = ""
    observed: Any = None
    unexpected: int | None = None
    total: int | None = None
    examples: tuple[Example, ...] = ()

    @property
    def stops(self) -> bool:
        """Whether the pipeline must not go on."""
        return self.status != "passed" and self.expectation.severity == "critical"

    def document(self) -> dict[str, Any]:
        """All of it as plain JSON; `parameters` are as the suite has them, with their `column`."""
        column = self.expectation.parameters.get("column")
        return {
            "expectation": self.expectation.name,
            "parameters": {key: plain(value) for key, value in self.expectation.parameters.items()},
            "column": column if isinstance(column, str) else None,
            "severity": self.expectation.severity,
            "status": self.status,
            "found": self.found,
            "observed": self.observed,
            "unexpected": self.unexpected,
            "total": self.total,
            "examples": [{"value": each.value, "key": dict(each.key)} for each in self.examples],
        }

    def __str__(self) -> str:
        listed = ", ".join(f"{key}: {spell(value)}" for key, value in self.expectation.parameters.items())
        wanted = f"{self.expectation.name} ({listed})" if listed else self.expectation.name
        return f"{self.expectation.severity}: {wanted}: {self.found}" if self.found else wanted


def plain(value: Any) -> Any:
    """A value as JSON has it: numbers of numpy and databases as numbers, what is missing as nothing, else text."""
    if isinstance(value, Mapping):
        return _bounded({str(key): plain(each) for key, each in value.items()})
    if isinstance(value, list | tuple | set | frozenset):
        return _bounded([plain(each) for each in value])
    if hasattr(value, "item"):
        value = value.item()
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float | Decimal):
        return _number(value)
    text = str(value)
    if text in ("NaT", "<NA>") and not isinstance(value, str):
        return None
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def spell(value: Any) -> str:
    """A value as it would stand in YAML, cut to a sane length."""
    if isinstance(value, str):
        return cut(value)
    return cut(json.dumps(plain(value), ensure_ascii=False))


def cut(text: str) -> str:
    """One line of at most `LONGEST_TEXT` characters."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_TEXT else f"{line[: LONGEST_TEXT - 1]}…"


def listed(examples: Iterable[Example]) -> str:
    """Examples in one line."""
    return ", ".join(map(str, examples))


def _number(value: float | Decimal) -> int | float | str | None:
    if value.is_nan() if isinstance(value, Decimal) else math.isnan(value):
        return None
    if math.isinf(value):
        return str(value)
    if isinstance(value, float):
        return value
    if value.adjusted() > _MOST_DIGITS:
        return str(value)
    return int(value) if value == value.to_integral_value() else float(value)


def _bounded(value: Any) -> Any:
    """Itself, or where it is long its beginning as text."""
    text = json.dumps(value, ensure_ascii=False)
    return value if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
