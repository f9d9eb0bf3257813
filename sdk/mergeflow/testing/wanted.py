"""What is to be tested, collected piece by piece, and the jobs that come of it."""

from collections.abc import Collection, Iterator
from pathlib import PurePosixPath
from typing import Self

from mergeflow.files import CONFIGS
from mergeflow.paths import suite_of
from mergeflow.pipeline_tests import PipelineTest, variants
from mergeflow.render import text
from mergeflow.tested import Kind, Status, Tested
from mergeflow.testing.inventory import Inventory
from mergeflow.testing.jobs import Job
from mergeflow.testing.samples import Planned, plan_samples

_MOST = 20
"""Errors of one file that are told."""
_SLACK = 60.0
"""Seconds that a pipeline test gets beyond its own `timeout`, in which it ends by itself and cleans up."""


class Wanted:
    """DAGs, stubs, samples and pipeline tests."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self.dag_ids: set[str] = set()
        self.stubs: set[str] = set()
        self.samples: set[str] = set()
        """The paths of samples, and of suites all of whose samples are wanted."""
        self.files: set[str] = set()
        """Config files whose errors are told where no DAG comes of them."""
        self.tests: set[str] = set()
        """The ids of pipeline tests, `dag_id::name`; of a test that is run for several databases also one of these."""

    def everything(self) -> Self:
        """All that there is."""
        for dag_id in self.inventory.dags:
            self.add_dag(dag_id)
        self.files.update(self.inventory.unread)
        self.stubs.update(self.inventory.stubs.values())
        self.samples.update(self.inventory.samples, (each.path for each in self.inventory.project.suites.values()))
        return self

    def add_dag(self, dag_id: str) -> None:
        """A DAG's integrity and its tests; nothing where there is no such DAG (any more)."""
        if dag_id in self.inventory.dags:
            self.dag_ids.add(dag_id)
            self.tests.update(test.id for test in self.inventory.tests.get(dag_id, ()))

    def add_beside(self, path: str) -> None:
        """What a stub, a suite or a sample of this path makes worth testing; it may be gone."""
        if path in self.inventory.stubs.values():
            self.stubs.add(path)
            for dag_id, dag in self.inventory.dags.items():
                if self.inventory.stub(dag) == path:
                    self.add_dag(dag_id)
        if path.startswith(f"{CONFIGS}/") and path in self.inventory.unread:
            self.files.add(path)
        if suite := suite_of(path):
            self.samples.add(path)
            for dag_id in self.inventory.held_against(suite):
                self.add_dag(dag_id)
        if path in self.inventory.samples:
            self.samples.add(path)
        self.tests.update(test.id for test in self.inventory.given(path))

    def jobs(self, only: Collection[Kind]) -> tuple[list[Job], list[Tested]]:
        """The jobs of these kinds, and the tests whose end is known without one."""
        jobs: list[Job] = []
        known: list[Tested] = []
        if Kind.INTEGRITY in only:
            jobs += self._integrity()
            known += [*self._without_stub(), *self._unread()]
        if Kind.SAMPLE in only:
            planned = plan_samples(self.inventory.root, self.samples) if self.samples else Planned((), ())
            jobs += [Job(Kind.SAMPLE, path, PurePosixPath(path).name, needs_quality=True) for path in planned.paths]
            known += planned.told
        for test, choice, chosen in self._pipelines() if Kind.PIPELINE in only else ():
            if test.dag_id in (*self.inventory.broken, *self.inventory.waiting):
                is_told = Kind.INTEGRITY in only and test.dag_id in self.dag_ids
                known.append(self._unbuilt(test, chosen.id, is_told=is_told))
            else:
                jobs.append(self._job(test, choice, chosen))
        if Kind.PIPELINE in only:
            known += self._unknown()
        return jobs, known

    def ids(self, only: Collection[Kind]) -> list[str]:
        """What a person types to run each of the tests alone, sorted."""
        jobs, known = self.jobs(only)
        found = {each.id for each in known} | {f"{job.path}::{job.kind}::{job.name}" for job in jobs}
        if Kind.INTEGRITY in only:
            found |= {f"{self.inventory.dags[dag_id].path}::{Kind.INTEGRITY}::{dag_id}" for dag_id in self.dag_ids}
        return sorted(found)

    def _integrity(self) -> Iterator[Job]:
        by_stub: dict[str, list[str]] = {stub: [] for stub in self.stubs}
        for dag_id in sorted(self.dag_ids):
            if stub := self.inventory.stub(self.inventory.dags[dag_id]):
                by_stub.setdefault(stub, []).append(dag_id)
        yield from (Job(Kind.INTEGRITY, stub, stub, dag_ids=tuple(ids)) for stub, ids in sorted(by_stub.items()))

    def _without_stub(self) -> Iterator[Tested]:
        for dag_id in sorted(self.dag_ids):
            dag = self.inventory.dags[dag_id]
            if self.inventory.stub(dag) is None:
                message = "no stub in `dags/` loads it: `mergeflow stubs` says which is missing"
                yield Tested(Kind.INTEGRITY, dag.path, dag_id, Status.FAILED, message)

    def _unread(self) -> Iterator[Tested]:
        for path in sorted(self.files):
            errors = self.inventory.unread[path]
            told = [text.render_diagnostic(each).rstrip() for each in errors[:_MOST]]
            line = errors[0].location.span.start.line
            yield Tested(Kind.INTEGRITY, path, path, Status.FAILED, "\n".join(told), line)

    def _pipelines(self) -> Iterator[tuple[PipelineTest, dict[str, str], PipelineTest]]:
        for _, tests in sorted(self.inventory.tests.items()):
            for test in tests:
                for choice, chosen in variants(test):
                    if not self.tests.isdisjoint((test.id, chosen.id)):
                        yield test, choice, chosen

    def _unbuilt(self, test: PipelineTest, name: str, *, is_told: bool) -> Tested:
        """A test whose DAG cannot be built: skipped where that is told beside it, and else an error."""
        status, message = Status.SKIPPED, "its DAG cannot be built: its integrity test says why"
        if test.dag_id in self.inventory.waiting:
            message = "its DAG needs an environment: name one by --env"
        elif not is_told:
            status, message = Status.ERROR, f"its DAG cannot be built: `mergeflow check {test.path}` says why"
        return Tested(Kind.PIPELINE, test.path, name, status, message, self._line(test))

    def _unknown(self) -> Iterator[Tested]:
        """What is asked for and is not there, such as a test's run on a database that it does not name."""
        tests = [test for listed in self.inventory.tests.values() for test in listed]
        there = {name for test in tests for _, chosen in variants(test) for name in (test.id, chosen.id)}
        for name in sorted(self.tests - there):
            path = next(test.path for test in tests if test.id == name.partition("[")[0])
            yield Tested(Kind.PIPELINE, path, name, Status.ERROR, "there is no such test")

    def _job(self, test: PipelineTest, choice: dict[str, str], chosen: PipelineTest) -> Job:
        dag = self.inventory.dags[test.dag_id]
        return Job(
            Kind.PIPELINE,
            test.path,
            chosen.id,
            dag_id=test.dag_id,
            test=test.name,
            choice=choice,
            line=self._line(test),
            needs_quality=bool(test.suites) or "suite" in repr(dag.config),
            limit=test.timeout + _SLACK,
            stub=self.inventory.stub(dag) or "",
        )

    def _line(self, test: PipelineTest) -> int:
        location = self.inventory.project.locate(test.place)
        return location.span.start.line if location.path == test.path else 1
