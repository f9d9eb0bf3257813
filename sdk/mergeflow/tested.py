"""What came of testing a repository: one value for each test, which commands, reports and pytest all read."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, ClassVar


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
    a person would mend it; `message` may have several lines; that of a test that has passed is what it warns of.
    """

    __test__: ClassVar[bool] = False  # for pytest, which takes what is called so for a class of tests

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

    @property
    def is_told(self) -> bool:
        """Whether a person must read its message: what went wrong, or what a test that has passed warns of."""
        return self.is_bad or (self.status is Status.PASSED and self.message != "")


@dataclass(frozen=True)
class Outcome:
    """All tests of one call: how many seconds it took, of which `shared` were spent for all tests together, by what
    for; and how many `workers` worked at once."""

    tests: tuple[Tested, ...]
    seconds: float = 0.0
    shared: Mapping[str, float] = field(default_factory=dict)
    workers: int = 1

    @property
    def is_bad(self) -> bool:
        """Whether a merge must be stopped."""
        return any_bad(self.tests)

    def count(self, status: Status) -> int:
        """How many ended so."""
        return sum(each.status is status for each in self.tests)

    @property
    def spent(self) -> dict[str, float]:
        """The seconds by what they were spent for, the most first; those of tests that ran at once are added up."""
        found = dict(self.shared)
        for each in self.tests:
            for step in each.steps:
                found[step.name] = found.get(step.name, 0.0) + step.seconds
        return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def any_bad(tests: Iterable[Tested]) -> bool:
    """Whether a merge must be stopped."""
    return any(each.is_bad for each in tests)


def as_plain(tested: Tested) -> dict[str, Any]:
    """A test as JSON has it: what goes from one process to another, and into `--format json`."""
    return {**asdict(tested), "steps": [asdict(step) for step in tested.steps]}


def from_plain(data: Mapping[str, Any]) -> Tested:
    """The test that `as_plain` has written. Raises ValueError, TypeError and KeyError for anything else."""
    steps = tuple(Step(str(each["name"]), float(each["seconds"])) for each in data["steps"])
    return Tested(
        Kind(data["kind"]),
        str(data["path"]),
        str(data["name"]),
        Status(data["status"]),
        str(data["message"]),
        int(data["line"]),
        float(data["seconds"]),
        steps,
    )
