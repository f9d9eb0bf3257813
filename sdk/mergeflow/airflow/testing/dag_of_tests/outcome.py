"""What came of a test, and of all of a run."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

SLOWEST = 5
"""How many tests a report names for the time that they took."""


class Status(StrEnum):
    """As pytest has it; an `error` is a test that could not be carried out."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    XPASSED = "xpassed"

    @property
    def is_bad(self) -> bool:
        """Whether the run must fail for it."""
        return self in (Status.FAILED, Status.ERROR)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One test that has been run, or should have been; `message` is pytest's own, empty when it passed."""

    node: str
    status: Status
    message: str = ""
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """As XCom keeps it."""
        return {"node": self.node, "status": self.status.value, "message": self.message, "seconds": self.seconds}

    @classmethod
    def of(cls, found: Any) -> "Outcome":
        """What XCom has kept. Raises KeyError, TypeError or ValueError."""
        return cls(str(found["node"]), Status(found["status"]), str(found["message"]), float(found["seconds"]))


@dataclass(frozen=True)
class Results:
    """All that is known after a run; `left_out` are the tests that it did not ask for."""

    dag_id: str
    run_id: str
    outcomes: Sequence[Outcome]
    left_out: Sequence[str] = ()
    trouble: str = ""
    """Why the tests could not be chosen, if so."""

    @property
    def bad(self) -> list[Outcome]:
        """Those that the run must fail for."""
        return [each for each in self.outcomes if each.status.is_bad]

    @property
    def counts(self) -> Mapping[str, int]:
        """How many tests there are of each status, with those that are left out."""
        counted = Counter(each.status for each in self.outcomes)
        return {status.value: counted[status] for status in Status} | {"left_out": len(self.left_out)}

    @property
    def seconds(self) -> float:
        """What the tests took together."""
        return round(sum(each.seconds for each in self.outcomes), 3)

    @property
    def sentence(self) -> str:
        """Everything in a line, as pytest's last one: `1 failed, 18 passed, 1 skipped in 2.31 s`."""
        order = sorted(self.counts.items(), key=lambda each: each[0] not in ("failed", "error"))
        said = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in order if number)
        return f"{said or 'no tests'} in {self.seconds:.2f} s"

    @property
    def slowest(self) -> list[Outcome]:
        """The tests that took the longest, the slowest first."""
        return sorted(self.outcomes, key=lambda each: (-each.seconds, each.node))[:SLOWEST]

    def summary(self) -> dict[str, Any]:
        """As the sink's XCom has it."""
        return {
            "total": len(self.outcomes),
            **self.counts,
            "seconds": self.seconds,
            "failures": [each.as_json() for each in self.bad],
            "slowest": [{"node": each.node, "seconds": each.seconds} for each in self.slowest],
        }
