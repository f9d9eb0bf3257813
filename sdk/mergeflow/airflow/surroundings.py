"""What decides, beside its config, whether a DAG can be built here: releases, settings, and the code of its team.

All of it as digests, which change at least when `stubs_to_touch` has Airflow parse the team's stub again for its code.
Values of the environment may be secrets, and go nowhere but into a digest.
"""

import os
import sys
from collections.abc import Collection, Iterator
from functools import cache, cached_property
from hashlib import blake2b
from pathlib import Path

import airflow
from airflow import settings

import mergeflow
from mergeflow.airflow.dagfactory import RELEASE
from mergeflow.airflow.reading import ENVIRONMENT
from mergeflow.files import CONFIGS, Files, Unreadable, read
from mergeflow.shards import CODE, DAGS

_SETTINGS = ("AIRFLOW__CORE__", "AIRFLOW__OPERATORS__")
"""What variables that change a DAG begin with; other sections are of no account to one, and some hold passwords."""

_INSTALLED = "-packages"
"""How the folders end into which packages are installed."""

_CALLS = (b"load_dags(", b"load_test_dag(", b"raise_config_errors(")
"""What makes a stub; any other Python below `dags/` may be what tasks call."""


class Surroundings:
    """Those of one repository, looked at once."""

    def __init__(self, root: Path, names: Collection[str]) -> None:
        """`names` are the variables of the environment that configs may name."""
        self._root = root
        self.everywhere = digest(str(root), *_installed(), *_environment(names))
        self._teams: dict[str, bytes] = {}

    def of_team(self, team: str) -> bytes:
        """A digest of everything around a team: the code of another team's folder is no part of it."""
        if team not in self._teams:
            mine = (path for path in self._code if self._owner(path) in (None, team))
            self._teams[team] = digest(self.everywhere, *(part for path in mine for part in (path, self._code[path])))
        return self._teams[team]

    @cached_property
    def stubs(self) -> tuple[str, ...]:
        """The paths of the files below `dags/` that load DAGs, sorted."""
        return tuple(path for path, content in self.python.items() if _is_stub(path, content))

    @cached_property
    def _code(self) -> dict[str, bytes]:
        code = ((path, content) for path, content in self.python.items() if not _is_stub(path, content))
        return {path: digest(content if isinstance(content, bytes) else content.reason) for path, content in code}

    @cached_property
    def python(self) -> Files:
        """All Python below `dags/`."""
        above = len(f"{self._root}/")
        paths = sorted(path[above:] for path in below(self._root / DAGS) if path.endswith(".py"))
        return {path: read(self._root, path) for path in paths}

    def _owner(self, path: str) -> str | None:
        """The team whose folder of code a file is in; none for what all may use."""
        parts = path.split("/")
        return parts[2] if parts[1] in CODE and len(parts) > 3 and self._is_team(parts[2]) else None

    def _is_team(self, name: str) -> bool:
        return f"{DAGS}/{name}.py" in self.stubs or (self._root / CONFIGS / name).is_dir()


def _is_stub(path: str, content: bytes | Unreadable) -> bool:
    if path.split("/")[1] in CODE:
        return False
    return isinstance(content, bytes) and any(call in content for call in _CALLS)


def digest(*parts: str | bytes) -> bytes:
    """A digest of these parts in this order."""
    made = blake2b(digest_size=16)
    for part in parts:
        content = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        made.update(b"%d:" % len(content))
        made.update(content)
    return made.digest()


def below(folder: str | Path) -> Iterator[str]:
    """The paths of all files below a folder, without what Python compiles; of none, where there is no folder."""
    for parent, folders, names in os.walk(folder):
        folders[:] = [each for each in folders if each != "__pycache__"]
        yield from (f"{parent}/{name}" for name in names)


def stamp(path: str | Path) -> str:
    """What changes when somebody writes a file, or into a folder; without looking into it."""
    try:
        found = os.stat(path)  # noqa: PTH116 - a fleet has thousands
    except OSError as error:
        return f"{path} {error.errno}"
    return f"{path} {found.st_mtime_ns} {found.st_size} {found.st_ino}"


def _installed() -> Iterator[str | bytes]:
    """The releases of what builds, and when packages, plugins and policies were last changed."""
    yield from (sys.version, airflow.__version__, RELEASE, _mergeflow())
    home = os.environ.get("AIRFLOW_HOME") or os.path.expanduser("~/airflow")  # noqa: PTH111
    yield stamp(os.environ.get("AIRFLOW_CONFIG") or f"{home}/airflow.cfg")
    for folder in (settings.PLUGINS_FOLDER or f"{home}/plugins", f"{home}/config"):
        yield from (stamp(path) for path in sorted(below(folder)) if path.endswith(".py"))
    yield from (stamp(entry) for entry in sys.path if entry.endswith(_INSTALLED))


@cache
def _mergeflow() -> bytes:
    """Mergeflow itself, looked at once, as it is imported once; where it is installed, its folder's entry tells."""
    ours = Path(mergeflow.__file__).parent
    if ours.parent.name.endswith(_INSTALLED):
        return digest(mergeflow.__version__, stamp(ours))
    return digest(*(stamp(path) for path in sorted(below(ours)) if path.endswith(".py")))


def _environment(names: Collection[str]) -> Iterator[str]:
    for name in sorted({ENVIRONMENT, *names, *(each for each in os.environ if each.startswith(_SETTINGS))}):
        yield f"{name}={os.environ.get(name)}"
