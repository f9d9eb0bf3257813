"""What came of testing a repository: one value for each test, which commands, reports and pytest all read."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a test holds against what."""

    INTEGRITY = "integrity"
    """A DAG against a real Airflow: it imports, is stored and comes back, and its templates render."""
    SAMPLE = "sample"
    """A file of sample data against its suite."""
    PIPELINE = "pipeline"
    """What a DAG has done, in a run on throw-away databases, against what its test expects."""


class Status(StrEnum):
    """What came of it; an `error` is a test that could not be carried out, and is never taken for one that passed."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a test that took time: `seconds` on the wall's clock."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Tested:
    """One test after it was run.

    `name` is unique within its file and kind: a DAG's id, a sample's file, or `dag_id::test`. `line`, from 1, is where
    a person would mend it; `message` may have several lines and is empty when the test passed.
    """

    kind: Kind
    path: str
    name: str
    status: Status
    message: str = ""
    line: int = 1
    seconds: float = 0.0
    steps: tuple[Step, ...] = ()

    @property
    def id(self) -> str:
        """What a person types to run it again."""
        return f"{self.path}::{self.kind}::{self.name}"

    @property
    def is_bad(self) -> bool:
        """Whether it must stop a merge."""
        return self.status in (Status.FAILED, Status.ERROR)


def any_bad(tests: Iterable[Tested]) -> bool:
    """Whether a merge must be stopped."""
    return any(each.is_bad for each in tests)
