"""What came of a suite, and how it is told: as a message for people, a summary for XCom, a document for reports."""

from dataclasses import dataclass
from typing import Any

from mergeflow.quality.outcome import LONGEST_TEXT, MOST_EXAMPLES, Example, Outcome, Status

__all__ = ["LONGEST_TEXT", "MOST_EXAMPLES", "MOST_OUTCOMES", "Example", "Outcome", "Result", "Status"]

VERSION = 1
"""Of the document's form."""
MOST_OUTCOMES = 20
"""How many expectations a message names."""


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

    def document(self) -> dict[str, Any]:
        """All of it as plain JSON, for a report: with examples, and without what is sensitive."""
        return {
            "version": VERSION,
            "suite": self.suite,
            "data": self.data,
            "success": not self.stopping,
            "outcomes": [each.document() for each in self.outcomes],
        }

    def __str__(self) -> str:
        broken = (*self.stopping, *self.reported)
        if not broken:
            return f"suite `{self.suite}`: {_all(len(self.outcomes))} on {self.data}"
        verb = "is" if len(broken) == 1 else "are"
        head = f"suite `{self.suite}`: {len(broken)} of {_count(len(self.outcomes))} {verb} broken on {self.data}"
        more = [f"and {len(broken) - MOST_OUTCOMES} more"] if len(broken) > MOST_OUTCOMES else []
        return "\n  ".join([head, *map(str, broken[:MOST_OUTCOMES]), *more])


def _all(count: int) -> str:
    return "its one expectation holds" if count == 1 else f"all {count} expectations hold"


def _count(expectations: int) -> str:
    return "1 expectation" if expectations == 1 else f"{expectations} expectations"
