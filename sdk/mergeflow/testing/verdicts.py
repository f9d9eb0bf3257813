"""What check and worker say of the configs that pytest has collected: each is asked once, when first needed."""

import os
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from functools import cached_property
from io import StringIO
from pathlib import Path

import pytest

from mergeflow.catalog import CatalogError
from mergeflow.checker import check
from mergeflow.diagnostic import Diagnostic, Severity
from mergeflow.files import CONFIG_SUFFIXES, CONFIGS
from mergeflow.paths import defaults_above
from mergeflow.pipeline_tests import variants
from mergeflow.render.text import render_diagnostic
from mergeflow.rules import HOUSE_RULES, RULES
from mergeflow.tested import Kind, Status, Tested
from mergeflow.testing.inventory import Inventory
from mergeflow.testing.session import Session
from mergeflow.testing.wanted import Wanted
from mergeflow.workspace import WrongUse, known_around, select

Key = tuple[Kind, str]
"""A test of the worker: its kind and its name."""


class Bad(Exception):
    """Something is wrong with a config; the text is for the user."""


class Verdicts:
    """Those of a repository. `asked` says which tests the worker shall do when it is started."""

    def __init__(self, root: Path, paths: Sequence[Path], asked: Callable[[], set[Key]]) -> None:
        self._root = root
        self._paths = [path for path in paths if path.is_relative_to(root / CONFIGS)]
        self._asked = asked
        self._done: dict[Key, Tested] = {}
        self._running: Iterator[Tested] | None = None

    @cached_property
    def _inventory(self) -> Inventory:
        """Raises CollectError where the repository cannot be read."""
        try:
            return Inventory(self._root, os.environ.get("MERGEFLOW_ENV", ""))
        except (CatalogError, WrongUse) as error:
            raise pytest.Collector.CollectError(str(error)) from None

    @cached_property
    def _lines(self) -> Mapping[str, Mapping[str, int]]:
        """The DAGs that each file defines, with their lines, from 1."""
        found: dict[str, dict[str, int]] = {}
        for each in self._inventory.project.named:
            place = each.dag.place(part="key")
            line = self._inventory.project.locate(place).span.start.line
            found.setdefault(each.dag.path, {}).setdefault(each.dag.dag_id, line)
        return found

    @cached_property
    def _diagnostics(self) -> Mapping[str, Sequence[Diagnostic]]:
        """What `mergeflow check` finds, by file."""
        selection = select(self._root, self._paths)
        rules = RULES
        failures: Sequence[Diagnostic] = ()
        if (self._root / HOUSE_RULES).is_dir():
            from mergeflow.rules.house import load_house

            with redirect_stdout(StringIO()):
                house = load_house(self._root)
            rules, failures = (*RULES, *house.rules), house.failures
        found: dict[str, list[Diagnostic]] = {}
        report = check(selection.project, known_around(self._root), selection.focus, rules)
        for each in (*report.diagnostics, *failures):
            found.setdefault(each.location.path, []).append(each)
        return found

    def dags(self, path: str) -> Mapping[str, int]:
        """The DAGs of a file, with their lines."""
        return self._lines.get(path, {})

    def tests(self, dag_id: str) -> Iterator[tuple[str, int]]:
        """The pipeline tests of a DAG, one for each choice of databases, with their lines."""
        for test in self._inventory.tests.get(dag_id, ()):
            line = self._inventory.project.locate(test.place).span.start.line
            yield from ((chosen.name, line) for _, chosen in variants(test))

    def check_file(self, path: str) -> str:
        """Raises Bad for errors outside the file's DAGs, and in what it is made from; returns warnings."""
        starts = sorted(self.dags(path).values())
        outside = [each for each in self._diagnostics.get(path, ()) if not bisect_right(starts, _line(each))]
        return _judged([*outside, *self._beside(path)])

    def _beside(self, path: str) -> Iterator[Diagnostic]:
        """What is wrong in files that a config depends on, and that have no item in this session."""
        sources = self._inventory.project.made_from.get(path, ())
        for source in dict.fromkeys((*sources, *defaults_above(path))):
            has_item = source.endswith(CONFIG_SUFFIXES) and any(
                (self._root / source).is_relative_to(asked) for asked in self._paths
            )
            if source != path and not has_item:
                yield from self._diagnostics.get(source, ())

    def check_dag(self, path: str, dag_id: str) -> str:
        """Raises Bad for errors between the DAG's key and that of the next; returns warnings."""
        starts = sorted(self.dags(path).values())
        own = bisect_right(starts, self.dags(path)[dag_id])
        return _judged([each for each in self._diagnostics.get(path, ()) if bisect_right(starts, _line(each)) == own])

    def run(self, key: Key) -> str:
        """Have the worker do a test, unless it has; raises Bad, or skips."""
        if key not in self._done:
            self._until(key)
        tested = self._done.get(key)
        stub = self._stub(key)
        if stub and stub.is_bad and not (tested and tested.is_bad):
            raise Bad(stub.message)
        if tested is None:
            raise Bad("the worker has not said what came of it")
        if tested.is_bad:
            raise Bad(f"{tested.path}:{tested.line}: {tested.message}")
        if tested.status is Status.SKIPPED:
            pytest.skip(tested.message)
        return ""

    def close(self) -> None:
        """End the worker, if it runs."""
        close = getattr(self._running, "close", lambda: None)
        close()

    def _until(self, key: Key) -> None:
        together = self._asked()
        if self._running is None or not together:
            self._running = self._start(together or {key})
        for tested in self._running:
            self._done[tested.kind, tested.name] = tested
            if together and (tested.kind, tested.name) == key:
                return

    def _start(self, keys: set[Key]) -> Iterator[Tested]:
        wanted = Wanted(self._inventory)
        wanted.dag_ids.update(name for kind, name in keys if kind is Kind.INTEGRITY)
        wanted.tests.update(name for kind, name in keys if kind is Kind.PIPELINE)
        jobs, known = wanted.jobs({kind for kind, _ in keys})
        yield from known
        yield from Session(self._root, environment=self._inventory.environment).run(jobs)

    def _stub(self, key: Key) -> Tested | None:
        """What came of the stub that a DAG is loaded by."""
        if key[0] is not Kind.INTEGRITY:
            return None
        stub = self._inventory.stub(self._inventory.dags[key[1]])
        return self._done.get((Kind.INTEGRITY, stub)) if stub else None


def _line(diagnostic: Diagnostic) -> int:
    return diagnostic.location.span.start.line


def _judged(diagnostics: Sequence[Diagnostic]) -> str:
    said = "\n".join(map(render_diagnostic, diagnostics))
    if any(each.severity is Severity.ERROR for each in diagnostics):
        raise Bad(said.rstrip())
    return said
