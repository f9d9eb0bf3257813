"""What all tests share: a repository to write configs into, the command line in this process, and golden files."""

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import HealthCheck, settings

from mergeflow.checker import check
from mergeflow.cli import run
from mergeflow.diagnostic import Report
from mergeflow.workspace import known_around, select

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # `from tests.casefile import …` must not depend on how pytest was started


CATALOG = Path(__file__).parent / "catalog.json"
FAULTS = ROOT / "tests/faults"
SHARED = {ROOT / "tests/systems/transactions", ROOT / "tests/quality"}
PATIENCE = 900
"""Seconds for a test of a live Airflow, which waits for several things, each with its own patience."""

# Hypothesis fails an example that takes a fifth of a second, which on a busy machine is any. The rest stays, also what
# it has for CI.
settings.register_profile("unhurried", settings(deadline=None, suppress_health_check=[HealthCheck.too_slow]))
settings.load_profile("unhurried")


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


class Run(Protocol):
    """Runs `mergeflow` with arguments, in a folder, in this process."""

    def __call__(self, *arguments: str, cwd: Path | None = None) -> Ran: ...


@dataclass(frozen=True)
class Repository:
    """A repository on disk, with a stub for the team `team` and a catalog of three operators."""

    root: Path

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write files; bytes as they are, text as UTF-8 without any translation."""
        for path, content in files.items():
            file = self.root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)

    def check(self, *paths: str) -> Report:
        """The report on some of its files, or on all."""
        selection = select(self.root, [self.root / path for path in paths])
        return check(selection.project, known_around(self.root), selection.focus)


@pytest.fixture
def repository(tmp_path: Path) -> Callable[..., Repository]:
    """Make a repository of files, given by path."""

    def make(files: Mapping[str, str | bytes] | None = None) -> Repository:
        made = Repository(tmp_path / "repository")
        made.write({"configs/.keep": b"", "dags/team.py": b"", "validators/catalog.json": CATALOG.read_bytes()})
        made.write(files or {})
        return made

    return make


@pytest.fixture
def mergeflow(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line in this process, its output captured."""

    def call(*arguments: str, cwd: Path | None = None) -> Ran:
        with monkeypatch.context() as patch:
            if cwd is not None:
                patch.chdir(cwd)
            capfd.readouterr()
            code = run(list(arguments))
        out, err = capfd.readouterr()
        return Ran(code, out, err)

    return call


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compare a text with the file that holds what is expected, or rewrite that file with `--update-golden`."""

    def compare(file: Path, text: str) -> None:
        if request.config.getoption("--update-golden"):
            file.write_bytes(text.encode())
        expected = file.read_bytes().decode() if file.exists() else ""
        assert text == expected, f"{file.name}: look at the difference; `pytest --update-golden` accepts it"

    return compare


@pytest.fixture
def without_git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A PATH on which there is no git."""
    empty = tmp_path / "bin"
    empty.mkdir()
    monkeypatch.setenv("PATH", str(empty))
    assert shutil.which("git") is None
    return empty


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Two workers share the tests: one waits for live Airflows and servers, which must not compete, one does the rest.

    The waiting comes first, since it takes longest. Files stay whole, so that what their tests share is made once, and
    so do folders whose files share what takes seconds: two servers, and an import. Of the faults, which all wait, those
    that happen to one Airflow are half.
    """
    items.sort(key=lambda item: _group(item) not in ("fleet", "live"))
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
        if item.get_closest_marker("live"):
            item.add_marker(pytest.mark.timeout(PATIENCE))


@pytest.hookimpl(trylast=True, specname="pytest_collection_modifyitems")
def pytest_groups_hold(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse to go on where pytest-xdist reads no groups: tests that share a server would run against each other."""
    if getattr(config.option, "loadgroup", False) and not all("@" in item.nodeid for item in items):
        raise pytest.UsageError("this pytest-xdist gives no groups to the tests of this pytest")


def _group(item: pytest.Item) -> str:
    """Whose tests one worker runs, one after another."""
    if "whole" in getattr(item, "fixturenames", ()):
        return "fleet"
    if item.get_closest_marker("live") and FAULTS not in item.path.parents:
        return "live"
    return str(next((folder for folder in item.path.parents if folder in SHARED), item.path))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the one flag that changes golden files."""
    parser.addoption("--update-golden", action="store_true", help="rewrite the expected files of the tests")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse the flag where nobody would look at what it has written."""
    if config.getoption("--update-golden") and os.environ.get("CI", "").lower() in ("1", "true"):
        raise pytest.UsageError("--update-golden rewrites what is expected, so it is refused in CI")
