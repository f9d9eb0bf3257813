"""What Airflow runs in a stub: a test suite of the repository becomes a DAG.

A suite that cannot be collected is an import error of this stub alone, with pytest's own text.
"""

import sys
from collections.abc import Mapping, MutableMapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Never

from airflow.sdk import DAG

from mergeflow.airflow import cache
from mergeflow.airflow.alarm import left
from mergeflow.airflow.reading import root_of
from mergeflow.airflow.testing.dag_of_tests.building import DagOfTests, Given, Names, add_tests
from mergeflow.airflow.testing.dag_of_tests.collecting import SECONDS, Asked, as_json, as_suite, collect, inputs
from mergeflow.airflow.testing.dag_of_tests.suite import SINK, SOURCE, Suite, SuiteError

_SPARE = 2.0
"""Seconds before Airflow's alarm for the import of a file at which pytest is not waited for any longer."""


_LARGE = 2**20
"""Bytes of a file that a parse reads to know whether it has changed."""


class NoTests(Exception):
    """What Airflow shows as an import error: pytest's text."""


def load_test_dag(  # noqa: PLR0913 - each is a choice of its own, by name
    namespace: MutableMapping[str, Any],
    dag_id: str,
    *paths: str,
    options: Sequence[str] = (),
    source: str = SOURCE,
    sink: str = SINK,
    junit: str | None = None,
    default_args: Mapping[str, Any] | None = None,
    **dag_arguments: Any,
) -> DagOfTests | None:
    """Put a DAG whose tasks are tests into a stub's namespace; return it with its first and last task.

    `paths` are folders, files or node ids below the repository's root, without any those of pytest's `testpaths`, and
    `options` are more of pytest's, such as `("-m", "smoke")`. `junit` is a file for JUnit's XML, in whose name
    `{dag_id}` and `{run_id}` are replaced. `default_args` and all further arguments are the DAG's, such as `schedule`.
    Returns None where no DAG can be made; Airflow then shows why.
    """
    names = Names(dag_id, source, sink, junit)
    given = Given(default_args, dag_arguments)
    try:
        asked = Asked(root_of(namespace), paths, tuple(options))
        suite = _suite(asked)
        if suite.custom & {"dag", "dag_default_args"}:
            from mergeflow.airflow.testing.dag_of_tests.fixtures import by_fixtures  # imports pytest

            made = by_fixtures(asked, names, given)
        else:
            made = add_tests(given.dag(dag_id), asked, suite, names)
    except SuiteError as error:
        namespace[f"dag {dag_id}"] = _Refusal(dag_id, str(error))
        return None
    namespace[f"dag {made.dag.dag_id}"] = made.dag  # a name that nothing else in a module can have
    return made


def _suite(asked: Asked) -> Suite:
    """The tests as they were last collected, where nothing has changed since; a failure is tried again."""
    name, key = f"tests of {asked.root}: {asked.paths} {asked.options}", _key(asked)
    last = cache.load(name)
    if isinstance(last, dict) and last.get("key") == key:
        with suppress(SuiteError):
            return as_suite(last.get("suite"))
    suite = collect(asked, seconds=max(left() - _SPARE, 1) if left() else SECONDS)
    if not suite.tests:
        raise SuiteError(f"pytest collects no tests in {' '.join(asked.paths) or 'this repository'}")
    cache.store(name, {"key": key, "suite": as_json(suite)})
    return suite


def _key(asked: Asked) -> str:
    """A digest of what decides which tests there are."""
    try:
        release = version("pytest")
    except PackageNotFoundError:
        release = ""
    made = blake2b("\0".join((sys.version, release, *asked.paths, "", *asked.options)).encode(), digest_size=16)
    for file in inputs(asked):
        content = _content(file)
        made.update(f"\0{file.relative_to(asked.root)}\0{len(content)}\0".encode("utf-8", "surrogateescape") + content)
    return made.hexdigest()


def _content(file: Path) -> bytes:
    """What a file holds; of a large one, which is data, when it was written; of one that cannot be read, that."""
    try:
        found = file.stat()
        return file.read_bytes() if found.st_size <= _LARGE else f"{found.st_size} {found.st_mtime_ns}".encode()
    except OSError as error:
        return str(error.errno).encode()


class _Refusal(DAG):
    """A DAG that Airflow refuses with pytest's text: a module that raises would be shown as a traceback."""

    def __init__(self, dag_id: str, reason: str) -> None:
        super().__init__(dag_id, schedule=None)
        self._reason = reason

    def validate(self) -> Never:
        """Called by Airflow before it takes the DAG: raises what the user should read."""
        raise NoTests(f"\n{self._reason}")
