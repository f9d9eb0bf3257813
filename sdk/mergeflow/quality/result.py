"""What came of a suite, and how it is told: in one message that a person reads, and in one summary that XCom holds."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mergeflow.quality.suite import Expectation

Status = Literal["passed", "failed", "error"]
"""An `error` is an expectation that could not be looked at: it is never taken for one that holds."""

MOST_OUTCOMES = 20
"""How many expectations a message names."""
MOST_EXAMPLES = 5
"""How many of the values that broke an expectation a message shows."""
LONGEST_TEXT = 80
"""Beyond this a value or a reason is cut: a message is not where whole documents are read."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One expectation after it was looked at; `found` says what was seen instead, and is empty when it holds."""

    expectation: Expectation
    status: Status
    found: str = ""

    @property
    def stops(self) -> bool:
        """Whether the pipeline must not go on."""
        return self.status != "passed" and self.expectation.severity == "critical"

    def __str__(self) -> str:
        listed = ", ".join(f"{key}: {spell(value)}" for key, value in self.expectation.parameters.items())
        wanted = f"{self.expectation.name} ({listed})" if listed else self.expectation.name
        return f"{self.expectation.severity}: {wanted}: {self.found}" if self.found else wanted


@dataclass(frozen=True, slots=True)
class Result:
    """A suite held against one batch of data; `data` names the batch as the user does."""

    suite: str
    data: str
    outcomes: tuple[Outcome, ...]

    @property
    def stopping(self) -> tuple[Outcome, ...]:
        """What must stop the pipeline: critical expectations that do not hold, or could not be looked at."""
        return tuple(each for each in self.outcomes if each.stops)

    @property
    def reported(self) -> tuple[Outcome, ...]:
        """What is only reported: warnings that do not hold, or could not be looked at."""
        return tuple(each for each in self.outcomes if each.status != "passed" and not each.stops)

    def summary(self) -> dict[str, Any]:
        """The result in numbers, and the names of what did not hold: plain values, and no data."""
        broken = [each.expectation.name for each in (*self.stopping, *self.reported)]
        counts = {status: sum(each.status == status for each in self.outcomes) for status in ("passed", "failed")}
        return {
            "suite": self.suite,
            "data": self.data,
            "success": not self.stopping,
            "expectations": len(self.outcomes),
            **counts,
            "errors": len(self.outcomes) - sum(counts.values()),
            "warnings": len(self.reported),
            "broken": broken[:MOST_OUTCOMES],
        }

    def __str__(self) -> str:
        broken = (*self.stopping, *self.reported)
        if not broken:
            return f"suite `{self.suite}`: {_all(len(self.outcomes))} on {self.data}"
        verb = "is" if len(broken) == 1 else "are"
        head = f"suite `{self.suite}`: {len(broken)} of {_count(len(self.outcomes))} {verb} broken on {self.data}"
        more = [f"and {len(broken) - MOST_OUTCOMES} more"] if len(broken) > MOST_OUTCOMES else []
        return "\n  ".join([head, *map(str, broken[:MOST_OUTCOMES]), *more])


def spell(value: Any) -> str:
    """A value as it would stand in YAML, cut to a sane length."""
    if isinstance(value, str):
        return cut(value)
    return cut(json.dumps(value, default=_plain, ensure_ascii=False))


def cut(text: str) -> str:
    """One line of at most `LONGEST_TEXT` characters."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_TEXT else f"{line[: LONGEST_TEXT - 1]}…"


def examples(values: list[Any], rows: list[Mapping[str, Any]]) -> str:
    """The values that broke an expectation, each with its row's key where that is known."""
    shown = [f"{spell(value)}{_key(row)}" for value, row in zip(values, _padded(rows), strict=False)]
    return ", ".join(shown[:MOST_EXAMPLES])


def _plain(value: Any) -> Any:
    """What JSON has no word for: numpy's numbers as the numbers that they are, anything else as text."""
    return value.item() if hasattr(value, "item") else str(value)


def _padded(rows: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    yield from rows
    while True:
        yield {}


def _key(row: Mapping[str, Any]) -> str:
    return f" ({', '.join(f'{name} {spell(value)}' for name, value in row.items())})" if row else ""


def _all(count: int) -> str:
    return "its one expectation holds" if count == 1 else f"all {count} expectations hold"


def _count(expectations: int) -> str:
    return "1 expectation" if expectations == 1 else f"{expectations} expectations"
