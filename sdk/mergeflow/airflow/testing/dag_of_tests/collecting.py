"""Which tests a suite has: pytest is asked in a process of its own, and its answer is kept until something changes."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mergeflow.airflow.testing.dag_of_tests.suite import Suite, SuiteError, Test

SECONDS = 120.0
"""How long pytest may take for it, where nothing else says."""

MOST = 20_000
"""Characters of pytest's output that are shown: Airflow's column for import errors ends at 64 KiB."""

IN_AIRFLOW = ("--capture=no", "-W", "ignore::pytest.PytestAssertRewriteWarning")
"""Options for pytest in a process of Airflow's: it must not touch standard input, through which Airflow speaks there;
and it would have the assertions of Mergeflow rewritten, which is imported already, and warn that it cannot."""

_SETTINGS = (
    *("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini"),
    *("pyproject.toml", "tox.ini", "setup.cfg", "conftest.py"),
)
_DATABASE = ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__CORE__SQL_ALCHEMY_CONN")
_BLOCKED = "airflow-db-not-allowed:"

_CHILD = "mergeflow.airflow.testing.dag_of_tests.child"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a suite is: paths below the root, without any those that pytest chooses itself; and more of its options."""

    root: Path
    paths: tuple[str, ...]
    options: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises SuiteError for a path that leads out of the root: a worker has only the commit's files."""
        for path in self.paths:
            if os.path.isabs(path) or ".." in Path(path.partition("::")[0]).parts:  # noqa: PTH117 - the same, for a text
                raise SuiteError(f"`{path}` is not a path below the root of the repository")

    def arguments(self, scratch: str) -> list[str]:
        """Pytest's, without the paths. What pytest keeps for its next session goes into `scratch`."""
        kept = ["-o", f"cache_dir={scratch}/cache", f"--basetemp={scratch}/base"]
        return [*self.options, f"--rootdir={self.root}", "-q", "--no-header", "--color=no", *kept]


def collect(asked: Asked, more: Sequence[str] = (), seconds: float = SECONDS) -> Suite:
    """The tests that pytest collects now. Raises SuiteError with what pytest says."""
    with tempfile.TemporaryDirectory(prefix="mergeflow-tests-") as scratch:
        answer = Path(scratch, "answer.json")
        arguments = [*asked.arguments(scratch), *IN_AIRFLOW, *more, *asked.paths]
        command = [sys.executable, "-P", "-m", _CHILD, str(answer), *arguments]
        try:
            ran = subprocess.run(
                command,
                cwd=asked.root,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise SuiteError(f"pytest had not collected the tests after {seconds:.0f} s") from None
        said = ran.stdout.decode("utf-8", "replace").replace(f"{asked.root}/", "").replace(str(asked.root), ".").strip()
        try:
            found = json.loads(answer.read_bytes())
        except (OSError, ValueError):
            raise SuiteError(_shortened(said) or f"pytest ended with exit code {ran.returncode}") from None
    return as_suite(found)


def _environment() -> dict[str, str]:
    """Of the child: tests see the modules that they will see as tasks, and Airflow can be imported.

    Airflow gives its processes an address of its database that nobody can read, and then cannot be imported anew.
    """
    path = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    blocked = (name for name in _DATABASE if os.environ.get(name, "").startswith(_BLOCKED))
    return {**os.environ, **path, **dict.fromkeys(blocked, "sqlite://")}


def as_suite(found: Any) -> Suite:
    """What a process has written down. Raises SuiteError."""
    try:
        return Suite(tuple(Test(**each) for each in found["tests"]), frozenset(found["custom"]))
    except (KeyError, TypeError):
        raise SuiteError("the tests that pytest has collected cannot be read") from None


def as_json(suite: Suite) -> dict[str, Any]:
    """A suite as JSON has it."""
    return {"tests": [asdict(test) for test in suite.tests], "custom": sorted(suite.custom)}


def inputs(asked: Asked) -> Iterator[Path]:
    """The files that decide which tests there are.

    All below the suite's paths, pytest's settings and `conftest.py` above them, and all Python beside them: below the
    first folder of each path, and in `dags/`. What else tests are made from is read again when one of these changes.
    """
    found: set[Path] = set()
    paths = [path.partition("::")[0] for path in asked.paths or (".",)]
    for folder in {"dags", *("/".join(Path(path).parts[:1]) for path in paths)}:
        found.update((asked.root / folder).rglob("*.py"))
    for path in paths if asked.paths else ():
        start = asked.root / path
        found.update(start.rglob("*") if start.is_dir() else (start,))
        above = (asked.root / parent for parent in (path, *map(str, Path(path).parents)))
        found.update(folder / name for folder in above for name in _SETTINGS)
    yield from sorted(file for file in found if file.is_file() and "__pycache__" not in file.parts)


def _shortened(text: str) -> str:
    return text if len(text) <= MOST else f"{text[:MOST]}\n… {len(text) - MOST} characters more"
