"""Sample data held against its suites: every file of `validators/samples/`, without Airflow."""

import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from mergeflow.files import CONFIGS, SAMPLES, SUITES, config_paths, from_directory
from mergeflow.model import near
from mergeflow.paths import suite_of
from mergeflow.samples import SUFFIXES, Samples, named_after, owner_of
from mergeflow.tested import Kind, Status, Step, Tested

if TYPE_CHECKING:
    from mergeflow.quality.result import Result
    from mergeflow.quality.rows import Row

ONLY_IN_DATABASES = frozenset({
    "unexpected_rows_expectation",
    "expect_query_results_to_match_comparison",
    "expect_table_row_count_to_equal_other_table",
    "UnexpectedRowsExpectation",
    "ExpectQueryResultsToMatchComparison",
    "ExpectTableRowCountToEqualOtherTable",
})  # fmt: skip
"""What no file can be held against: a pipeline test, whose data is in a database, can."""


@dataclass(frozen=True, slots=True)
class Planned:
    """The samples to hold against a suite, and what is told without opening one."""

    paths: tuple[str, ...]
    told: tuple[Tested, ...]


def plan_samples(root: Path, wanted: Collection[str] | None = None) -> Planned:
    """What there is to test, from paths alone. `wanted` are paths of samples and of suites; none: everything."""
    suites = _suites(root)
    owners = {path: owner_of(path, suites) for path in Samples.on_disk(root).paths}

    def is_wanted(*paths: str) -> bool:
        return wanted is None or any(path in wanted for path in paths)

    asked = {path: owner for path, owner in owners.items() if is_wanted(path, suites.get(owner or "", ""))}
    odd = [path for path, owner in asked.items() if (owner is None) is path.endswith(SUFFIXES)]
    unnamed = set(_unnamed(root, odd))
    owned = tuple(path for path, owner in asked.items() if owner and (path.endswith(SUFFIXES) or path in unnamed))
    lost = [path for path in odd if path in unnamed and not owners[path]]
    owning = set(owners.values())
    bare = [_bare(name, path) for name, path in suites.items() if name not in owning and is_wanted(path)]
    return Planned(owned, (*(_lost(path, suites) for path in lost), *bare))


def check_samples(root: Path, wanted: Collection[str] | None = None) -> Iterator[Tested]:
    """What came of each sample; also told are samples without a suite, and suites without a sample."""
    planned = plan_samples(root, wanted)
    yield from planned.told
    yield from (check_sample(root, path) for path in planned.paths)


def check_sample(root: Path, path: str) -> Tested:
    """One sample held against its suite. Whatever keeps it from being looked at is an error, and never passes.

    Great Expectations is imported here, which takes seconds.
    """
    suites = _suites(root)
    owner = owner_of(path, suites)
    if owner is None:
        return _lost(path, suites)
    clock = _Clock()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Great Expectations' own, and pandas' about columns of mixed types
            found = _held(root, path, owner, clock)
    except ImportError as error:
        found = Found(Status.ERROR, f"suite `{owner}`: {error}; it comes with `mergeflow[quality]`")
    except Exception as error:  # noqa: BLE001 - whatever a file does to pandas, the other samples are looked at
        found = Found(Status.ERROR, f"suite `{owner}`: {str(error) or type(error).__name__}")
    name = PurePosixPath(path).name
    return Tested(Kind.SAMPLE, path, name, *found, seconds=clock.total, steps=tuple(clock.steps))


class Found(NamedTuple):
    """What came of a sample, why, and the line where a person would look."""

    status: Status
    message: str = ""
    line: int = 1


@dataclass
class _Clock:
    """What took how long."""

    steps: list[Step] = field(default_factory=list)
    began: float = field(default_factory=monotonic)

    @property
    def total(self) -> float:
        return sum(step.seconds for step in self.steps)

    def did(self, name: str) -> None:
        now = monotonic()
        self.steps.append(Step(name, now - self.began))
        self.began = now


def _held(root: Path, path: str, owner: str, clock: _Clock) -> Found:
    """What came of holding it against its suite. Raises whatever reading it raises."""
    from mergeflow.quality.batch import BatchError
    from mergeflow.quality.frames import of_file
    from mergeflow.quality.importing import import_great_expectations
    from mergeflow.quality.rows import broken_rows
    from mergeflow.quality.sample import refuse_frame, refuse_unreadable
    from mergeflow.quality.suite import read_suite
    from mergeflow.quality.types import MOMENTS
    from mergeflow.quality.validate import validate

    suite = read_suite(root, owner)
    file = root / path
    if not file.resolve().is_relative_to(root.resolve()):
        raise BatchError(f"file `{path}` is a symbolic link out of the repository")
    refuse_unreadable(file, path)
    clock.did("looking through the file")
    import_great_expectations()
    clock.did("importing Great Expectations")
    batch = of_file(file, path, [column.name for column in suite.columns if column.type in MOMENTS])
    refuse_frame(batch.data.dataframe, path)
    clock.did("reading the file")
    left = tuple(each for each in suite.expectations if each.name not in ONLY_IN_DATABASES)
    result = validate(replace(suite, expectations=left), batch)
    clock.did("holding it against its suite")
    if not result.outcomes:
        return Found(Status.ERROR, f"suite `{owner}`: no file can be held against what it says")
    return _found(result, broken_rows(result, batch.data.dataframe, suite), file)


def _found(result: "Result", rows: "Sequence[Row]", file: Path) -> Found:
    from mergeflow.quality.sample import line_of

    broken = (*result.stopping, *result.reported)
    status = Status.PASSED
    if any(each.status == "error" for each in broken):
        status = Status.ERROR
    if any(each.status == "failed" for each in result.stopping):
        status = Status.FAILED
    message = "\n  ".join(map(str, (result, *rows))) if broken else ""
    return Found(status, message, line_of(file, rows[0].number) if rows else 1)


def _suites(root: Path) -> Mapping[str, str]:
    """The file of each suite, by its name."""
    return {name: path for path in config_paths(root, SUITES) if (name := suite_of(path)) and "/" in name}


def _unnamed(root: Path, paths: Collection[str]) -> Iterator[str]:
    """Those that no config names: the input of a pipeline test needs no suite."""
    contents = from_directory(root, CONFIGS).values() if paths else ()
    texts = [content for content in contents if isinstance(content, bytes)]
    return (path for path in paths if not any(path.encode() in text for text in texts))


def _lost(path: str, suites: Collection[str]) -> Tested:
    """A sample that looks tested, and is not."""
    name = named_after(path)
    hint = near(name, sorted(suites)) or f"`mergeflow new suite {name} --from {path}` proposes one"
    message = f"no suite is held against this sample: {hint}"
    return Tested(Kind.SAMPLE, path, PurePosixPath(path).name, Status.ERROR, message)


def _bare(name: str, path: str) -> Tested:
    """A suite that nobody has tried on data."""
    message = f"no sample is held against this suite: {SAMPLES}/{name}.csv would be"
    return Tested(Kind.SAMPLE, path, name, Status.SKIPPED, message)
