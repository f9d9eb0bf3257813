"""All that can be tested in a repository, and which files and DAGs each test depends on."""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from mergeflow.checker import check
from mergeflow.dag import Dag
from mergeflow.diagnostic import Diagnostic, Report, Severity
from mergeflow.files import CONFIGS, ENVIRONMENTS, config_paths, from_directory, read
from mergeflow.levels import keeps_out
from mergeflow.paths import defaults_above
from mergeflow.pipeline_tests import PipelineTest, tests_of
from mergeflow.plan.named_code import dags_that_run
from mergeflow.project import Project, load
from mergeflow.rules import RULES, Known
from mergeflow.shards import DAGS, stub_of
from mergeflow.workspace import in_environment, known_around

_MOST_FILES = 5_000
"""More are not looked into."""
_OF_VARIABLES = re.compile(r"\$\{\{[^}]*\bvars\b")
"""An expression that only an environment gives a value."""


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
        """The pipeline tests of each DAG that has any, by its id; those of one that cannot be made are not lost."""
        made = {**self.dags, **{dag.dag_id: dag for dag in self.project.dags}}
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
    def waiting(self) -> Collection[str]:
        """The ids of the DAGs that say something only in an environment, where none is chosen."""
        if self.environment or not config_paths(self.root, ENVIRONMENTS):
            return set()
        waits = {each.dag.dag_id for each in self.project.named if each.waits}
        for dag_id, dag in self.dags.items():
            if any(map(_OF_VARIABLES.search, _texts(dag.config))):
                waits.add(dag_id)
        return waits

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
        """The DAGs that run code in one of these files below `dags/`, or in one that names such a file."""
        reached = self._with_naming(paths)
        found = dags_that_run(self.dags.values(), reached, self.known.code)
        loaded = {dag_id for dag_id, dag in self.dags.items() if self.stub(dag) in reached}
        return loaded.union(*found.values())

    def _with_naming(self, paths: Collection[str]) -> set[str]:
        """These files, and those that import, include, open or run one, however indirectly: too many than too few."""
        reached = {path for path in paths if path.startswith(f"{DAGS}/") and not (self.root / path).is_dir()}
        fresh = set(reached)
        while fresh:
            below = [path for path in fresh if path.count("/") > 1]  # what stubs are called is everywhere
            names = {name.encode("utf-8", "surrogateescape") for path in below for name in _names_of(path)}
            modules = {_module(path) for path in fresh if path.endswith(".py")}
            naming = {path for path, text in self._code.items() if any(name in text for name in names)}
            naming |= {path for path, imported in self._imports.items() if not modules.isdisjoint(imported)}
            fresh = naming - reached
            reached |= fresh
        return reached

    @cached_property
    def _imports(self) -> Mapping[str, Collection[str]]:
        """The modules that each Python file imports, in any way that Python has of writing it."""
        return {path: _imported(path, text) for path, text in self._code.items() if path.endswith(".py")}

    @cached_property
    def _code(self) -> Mapping[str, bytes]:
        """The contents of stubs and of what DAGs run; of many or large files, those that are read quickly."""
        files = (each for each in (self.root / DAGS).rglob("*") if each.suffix != ".pyc" and each.is_file())
        paths = (each.relative_to(self.root).as_posix() for each in islice(files, _MOST_FILES))
        return {path: text for path in paths if isinstance(text := read(self.root, path), bytes)}

    def held_against(self, suite: str) -> set[str]:
        """The DAGs that hold data against a suite, in a task or in a test."""
        in_tests = {
            dag_id for dag_id, tests in self.tests.items() for test in tests if suite in dict(test.suites).values()
        }
        return in_tests | {dag_id for dag_id, dag in self.dags.items() if suite in _texts(dag.config)}

    @cached_property
    def named_files(self) -> Mapping[str, set[str]]:
        """The DAGs that name each file outside `configs/` and `dags/`, by its path; of a test's samples none."""
        given = (test.given or {} for tests in self.tests.values() for test in tests)
        files = (file for each in given for tables in each.values() for listed in tables.values() for file in listed)
        found: dict[str, set[str]] = {file: set() for file in files}
        for dag_id, dag in self.dags.items():
            for text in _texts(dag.config):
                if "/" in text or "." in text:
                    found.setdefault(text, set()).add(dag_id)
        return {path: dag_ids for path, dag_ids in found.items() if not path.startswith((f"{CONFIGS}/", f"{DAGS}/"))}

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


def _names_of(path: str) -> Iterator[str]:
    """How a text names a file: by its name, and a module by its import path. A package is named as its folder is."""
    name = path.rpartition("/")[2]
    if name != "__init__.py":
        yield name
    if path.endswith(".py"):
        yield _module(path)


def _module(path: str) -> str:
    """The import path of a file below `dags/`."""
    return path.removeprefix(f"{DAGS}/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _imported(path: str, text: bytes) -> set[str]:
    """What a Python file imports, and what that may be a part of; nothing where it is no Python."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    package = _module(path).split(".")[: None if path.endswith("/__init__.py") else -1]
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {above for each in node.names for above in _with_packages(each.name)}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found |= {*_with_packages(base), *(f"{base}.{each.name}" for each in node.names)}
    return found


def _with_packages(module: str) -> Iterator[str]:
    """A module and the packages around it, whose `__init__.py` is run first."""
    parts = module.split(".")
    return (".".join(parts[:number]) for number in range(1, len(parts) + 1))
