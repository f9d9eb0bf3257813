"""All that can be tested in a repository, and which files and DAGs each test depends on."""

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from mergeflow.checker import check
from mergeflow.dag import Dag
from mergeflow.diagnostic import Diagnostic, Report, Severity
from mergeflow.files import CONFIGS, from_directory, read
from mergeflow.levels import keeps_out
from mergeflow.paths import defaults_above
from mergeflow.pipeline_tests import PipelineTest, tests_of
from mergeflow.plan.named_code import dags_that_run
from mergeflow.project import Project, load
from mergeflow.rules import RULES, Known
from mergeflow.shards import CODE, DAGS, stub_of
from mergeflow.workspace import in_environment, known_around

_MOST_FILES = 5_000
"""More are not looked into."""


class Inventory:
    """The DAGs, stubs, samples and pipeline tests of a repository, in one environment or, with an empty name, none."""

    def __init__(self, root: Path, environment: str = "") -> None:
        self.root = root
        self.environment = environment
        self.known: Known = known_around(root)
        project = load(from_directory(root))
        self.project: Project = in_environment(project, environment) if environment else project.within("")

    @cached_property
    def dags(self) -> Mapping[str, Dag]:
        """Every DAG by id, also those that cannot be made or built; of two with one id the first."""
        found: dict[str, Dag] = {}
        for each in self.project.named:
            found.setdefault(each.dag.dag_id, each.dag)
        return found

    @cached_property
    def stubs(self) -> Mapping[str, str]:
        """The path of each stub, by its name."""
        paths = {name: f"{DAGS}/{name}.py" for name in sorted(self.known.stubs or ())}
        return {name: path for name, path in paths.items() if (self.root / path).is_file()}

    def stub(self, dag: Dag) -> str | None:
        """The path of the stub that loads a DAG."""
        name = stub_of(dag.path, self.stubs)
        return None if name is None else self.stubs[name]

    @cached_property
    def samples(self) -> tuple[str, ...]:
        """The paths of all samples, and of what stands beside them."""
        return self.known.samples.paths if self.known.samples else ()

    @cached_property
    def tests(self) -> Mapping[str, tuple[PipelineTest, ...]]:
        """The pipeline tests of each DAG that has any, by its id."""
        made = {dag.dag_id: dag for dag in self.project.dags}
        return {dag_id: tests for dag_id, dag in made.items() if (tests := tests_of(dag))}

    @cached_property
    def _report(self) -> Report:
        """What keeps DAGs out of Airflow."""
        return check(self.project, self.known, rules=tuple(filter(keeps_out, RULES)), building=True)

    @cached_property
    def broken(self) -> Collection[str]:
        """The ids of the DAGs that errors keep out of Airflow."""
        return {dag_id for _, dag_id in self._report.broken} | self.project.unmade

    @cached_property
    def unread(self) -> Mapping[str, list[Diagnostic]]:
        """The errors of config files that no DAG comes from, as one that is no YAML: nothing else tells them."""
        found: dict[str, list[Diagnostic]] = {}
        for each in self._report.diagnostics:
            if each.severity is Severity.ERROR and each.location.path.startswith(f"{CONFIGS}/"):
                found.setdefault(each.location.path, []).append(each)
        return {path: errors for path, errors in found.items() if not self.made_from(path)}

    def made_from(self, path: str) -> set[str]:
        """The DAGs that a config file, a file of defaults, a template or a table of items has a say in."""
        return {
            dag_id
            for dag_id, dag in self.dags.items()
            if path in (dag.path, *defaults_above(dag.path), *self.project.made_from.get(dag.path, ()))
        }

    def running(self, paths: Collection[str]) -> set[str]:
        """The DAGs that run code in one of these files below `dags/`, or in one that mentions such a file."""
        found = dags_that_run(self.dags.values(), self._with_mentioning(paths), self.known.code)
        return {dag_id for dag_ids in found.values() for dag_id in dag_ids}

    def _with_mentioning(self, paths: Collection[str]) -> set[str]:
        """These files, and those that include or open one that is no Python, however indirectly."""
        reached = {path for path in paths if path.startswith(f"{DAGS}/")}
        fresh = {path for path in reached if not path.endswith(".py")}
        while fresh:
            names = {path.rpartition("/")[2].encode("utf-8", "surrogateescape") for path in fresh}
            mentioning = {path for path, text in self._code.items() if any(name in text for name in names)}
            fresh = {path for path in mentioning - reached if not path.endswith(".py")}
            reached |= mentioning
        return reached

    @cached_property
    def _code(self) -> Mapping[str, bytes]:
        """The contents of what DAGs run; of many or large files, those that are read quickly."""
        folders = (self.root / DAGS / name for name in sorted(CODE))
        files = [each for folder in folders for each in folder.rglob("*") if each.suffix != ".pyc" and each.is_file()]
        paths = (each.relative_to(self.root).as_posix() for each in files[:_MOST_FILES])
        return {path: text for path in paths if isinstance(text := read(self.root, path), bytes)}

    def held_against(self, suite: str) -> set[str]:
        """The DAGs that hold data against a suite, in a task or in a test."""
        in_tests = {
            dag_id for dag_id, tests in self.tests.items() for test in tests if suite in dict(test.suites).values()
        }
        return in_tests | {dag_id for dag_id, dag in self.dags.items() if suite in _texts(dag.config)}

    def given(self, path: str) -> Iterator[PipelineTest]:
        """The pipeline tests that begin with what is in a file."""
        for tests in self.tests.values():
            for test in tests:
                files = (file for tables in (test.given or {}).values() for each in tables.values() for file in each)
                if path in files:
                    yield test


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)
