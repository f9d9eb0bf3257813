"""A stub and its DAGs, held against a real Airflow: what the dag-processor, the scheduler and a worker will do."""

import json
import os
import re
import sys
import time
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization

from mergeflow.airflow.building import Attempts, checked
from mergeflow.airflow.reading import ENVIRONMENT, project_of, project_of_one
from mergeflow.airflow.storable import refuse_unstorable
from mergeflow.airflow.testing.declared import Declared, undeclared
from mergeflow.airflow.testing.rendering import unrendered
from mergeflow.dag import Dag
from mergeflow.diagnostic import Diagnostic, Place
from mergeflow.files import ENVIRONMENTS, config_paths
from mergeflow.project import Project
from mergeflow.render import text
from mergeflow.rules import Known
from mergeflow.shards import DAGS, loads, name_of
from mergeflow.tested import Kind, Status, Step, Tested

_LINES = 40
"""Of a traceback."""
MOST = 20
"""So many problems of one DAG are told."""


def check_stub(root: Path, stub: str, wanted: Collection[str] | None) -> Iterator[Tested]:
    """Parse a stub as Airflow does, and look at these of its DAGs, none: at all; first what came of the stub itself.

    Whatever is wanted has an answer: a DAG of which nobody says anything is not taken for one that is fine.
    """
    left = dict.fromkeys(wanted or ())
    with _on_path(root / DAGS):
        for tested in _checked(root, stub, wanted):
            left.pop(tested.name, None)
            yield tested
    for dag_id in left:
        yield Tested(Kind.INTEGRITY, stub, dag_id, Status.FAILED, f"`{stub}` does not load it")


def _checked(root: Path, stub: str, wanted: Collection[str] | None) -> Iterator[Tested]:
    began = time.monotonic()
    with _importing() as imports:
        bag = DagBag(root / stub, bundle_path=root / DAGS, collect_dags=False, load_op_links=False)
        bag.process_file(str(root / stub), safe_mode=True)  # type: ignore[no-untyped-call]
    seconds = time.monotonic() - began
    steps = (Step("importing", imports()), Step("parsing", max(0.0, seconds - imports())))
    errors = "\n".join(each.strip() for each in bag.import_errors.values())
    status = Status.FAILED if errors else Status.PASSED
    yield Tested(Kind.INTEGRITY, stub, stub, status, _concise(errors), _line_of(errors, stub), seconds, steps)
    name = name_of(stub)
    if loads(name, (root / stub).read_text(encoding="utf-8", errors="replace")):
        project = project_of(root, name)
        yield from _Stub(root, stub, project, Declared.of(root, project), bag.dags, bool(errors)).check(wanted)


@dataclass(frozen=True)
class _Stub:
    """A stub that Airflow has parsed: what it should load, and what it has loaded."""

    root: Path
    path: str
    project: Project
    declared: Declared
    loaded: Mapping[str, DAG]
    has_failed: bool

    def check(self, wanted: Collection[str] | None) -> Iterator[Tested]:
        """Each of its DAGs that is wanted."""
        for each in self.project.named:
            dag = each.dag
            if wanted is not None and dag.dag_id not in wanted:
                continue
            if dag.dag_id in self.loaded:
                yield self._tried(dag, self.loaded[dag.dag_id])
            elif self.has_failed:
                yield self._told(dag, Status.SKIPPED, f"`{self.path}` cannot be imported")
            else:
                yield self._missing(dag, waits=each.waits)

    def _told(self, dag: Dag, status: Status, message: str) -> Tested:
        return Tested(Kind.INTEGRITY, dag.path, dag.dag_id, status, message, _line(self.project, dag))

    def _tried(self, config: Dag, dag: DAG) -> Tested:
        """One DAG; whatever its objects raise when they are looked at, the others are looked at too."""
        try:
            return self._check(config, dag)
        except Exception as error:  # noqa: BLE001
            traceback.print_exc()
            reason = f"it cannot be looked at: {type(error).__name__}: {' '.join(str(error).split())}"
            return self._told(config, Status.ERROR, reason)

    def _check(self, config: Dag, dag: DAG) -> Tested:
        """One DAG that Airflow has."""
        began = time.monotonic()
        found: list[tuple[Place, str]] = [(config.id_place, each) for each in _not_kept(dag)]
        serialized = time.monotonic()
        found += [*unrendered(dag, config), *undeclared(config, self.declared)]
        ended = time.monotonic()
        located = [(self.project.locate(place), message) for place, message in found[:MOST]]
        message = "\n".join(f"{location}: {message}" for location, message in located)
        if len(found) > MOST:
            message += f"\nand {len(found) - MOST:,} more"
        own = [location.span.start.line for location, _ in located if location.path == config.path]
        return replace(
            self._told(config, Status.FAILED if found else Status.PASSED, message),
            line=own[0] if own else _line(self.project, config),
            seconds=ended - began,
            steps=(Step("serializing", serialized - began), Step("rendering", ended - serialized)),
        )

    def _missing(self, dag: Dag, *, waits: bool) -> Tested:
        """What keeps a DAG out of Airflow, as `dags/config_errors.py` would say it."""
        project, stub = project_of_one(self.root, name_of(self.path), dag.dag_id), str(self.root / self.path)
        ready, attempts = checked(project, Known(), stub), Attempts(project, stub)
        errors = [*ready.errors]
        for compiled in ready.compiled:
            made = attempts.build(compiled)
            if isinstance(made, str):
                errors.append(ready.unbuildable(compiled, made))
        if (
            not os.environ.get(ENVIRONMENT)
            and (waits or any(map(_names_variables, errors)))
            and _has_environments(self.root)
        ):
            return self._told(dag, Status.SKIPPED, "it needs an environment: name one by --env")
        told = [text.render_diagnostic(each).rstrip() for each in errors[:MOST]]
        return self._told(dag, Status.FAILED, "\n".join(told) or f"`{self.path}` does not load it")


def _names_variables(error: Diagnostic) -> bool:
    return error.rule == "unknown-expression" and error.message.startswith("`vars`")


def _has_environments(root: Path) -> bool:
    return bool(config_paths(root, ENVIRONMENTS))


def _line(project: Project, dag: Dag) -> int:
    """The line of the key that the DAG is, or is made from."""
    return project.locate(Place(dag.path, dag.layers.own.route[:1], "key")).span.start.line


def _not_kept(dag: DAG) -> Iterator[str]:
    """What Airflow cannot store of a DAG, or does not find again in what it has stored."""
    try:
        refuse_unstorable(dag)
        stored = json.loads(json.dumps(DagSerialization.to_dict(dag)))
        again = DagSerialization.from_dict(stored)
    except Exception as error:  # noqa: BLE001 - whatever a value of the DAG raises when it is looked at
        yield f"Airflow cannot store it: {type(error).__name__}: {' '.join(str(error).split())}"
        return
    if again.dag_id != dag.dag_id:
        yield f"Airflow stores it as `{again.dag_id}`"
    before, after = ({task.task_id: task.downstream_task_ids for task in each.tasks} for each in (dag, again))
    for task_id in sorted(before.keys() | after.keys()):
        if task_id not in after or task_id not in before:
            yield f"Airflow does not find task `{task_id}` again in what it stores"
        elif set(before[task_id]) != set(after[task_id]):
            yield f"Airflow finds other tasks after `{task_id}` in what it stores"


@contextmanager
def _on_path(folder: Path) -> Iterator[None]:
    """Let modules be found in `dags/`, as Airflow's processes do."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


@contextmanager
def _importing() -> Iterator[Callable[[], float]]:
    """Measure the seconds that are spent within imports, however they are written: all of them come by one function."""
    bootstrap: Any = sys.modules["_frozen_importlib"]
    plain = bootstrap._find_and_load  # noqa: SLF001 - Python has no other place where all imports pass
    spent, depth = 0.0, 0

    def timed(*args: Any) -> Any:
        nonlocal spent, depth
        depth += 1
        began = time.monotonic()
        try:
            return plain(*args)
        finally:
            depth -= 1
            spent += 0.0 if depth else time.monotonic() - began

    bootstrap._find_and_load = timed  # noqa: SLF001
    try:
        yield lambda: spent
    finally:
        bootstrap._find_and_load = plain  # noqa: SLF001


def _concise(errors: str) -> str:
    """An import error without Python's own part in it; of a long one the last lines, which say most."""
    lines = [line for line in errors.splitlines() if not line.lstrip().startswith('File "<frozen importlib')]
    return "\n".join(lines if len(lines) <= _LINES else [*lines[:5], "…", *lines[5 - _LINES :]])


def _line_of(errors: str, stub: str) -> int:
    """The last line of the stub that a traceback names."""
    found = re.findall(rf'{re.escape(stub)}", line (\d+)', errors)
    return int(found[-1]) if found else 1
