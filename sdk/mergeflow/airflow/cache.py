"""What an earlier parse has found out, kept on disk for later ones: parsing without it is only slower.

Many processes read and write it at once, and any may be killed: an entry is replaced as a whole, and what cannot be
read for whatever reason is as good as not there. JSON, since reading it runs nothing.
"""

import json
import logging
import os
import tempfile
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

FOLDER = "MERGEFLOW_CACHE"
"""The variable that names the folder; without it the cache stands beside Airflow's own files."""

MOST_BYTES = 64 * 2**20
MOST_ENTRIES = 5_000
"""Of the whole folder; the entries that were written the longest ago go first."""

LARGEST = 8 * 2**20
"""Of an entry, in bytes."""

_FORMAT = 1

log = logging.getLogger(__name__)


def load(name: str) -> Any | None:
    """What was stored under a name; None for whatever is missing, torn, of another version or no entry of ours."""
    try:
        with _file(name).open("rb") as file:
            content = file.read(LARGEST + 1)
        entry = json.loads(content) if len(content) <= LARGEST else None
    except (OSError, ValueError, RecursionError):
        return None
    if isinstance(entry, dict) and entry.get("version") == _version() and entry.get("name") == name:
        return entry.get("value")
    return None


def store(name: str, value: Any) -> None:
    """Keep a value of JSON's types under a name; where the disk does not take it, say so once and go on."""
    content = json.dumps({"version": _version(), "name": name, "value": value}).encode()
    if len(content) > LARGEST:
        return
    try:
        file = _file(name)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _replace(file, content)
        _make_room(file.parent)
    except OSError as error:
        _warn(f"{error.strerror}: {error.filename or folder()}")


def folder() -> Path:
    """Where the entries are."""
    named = os.environ.get(FOLDER)
    return Path(named or f"{os.environ.get('AIRFLOW_HOME') or '~/airflow'}/mergeflow-cache").expanduser()


@cache
def _version() -> str:
    import mergeflow

    return f"{_FORMAT}/{mergeflow.__version__}"


def _file(name: str) -> Path:
    return folder() / f"{blake2b(name.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()}.json"


def _replace(file: Path, content: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=file.parent, suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
        os.replace(temporary, file)  # noqa: PTH105 - a text is what mkstemp gives
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108
        raise


def _make_room(folder: Path) -> None:
    """Remove the oldest files, also those that a killed process has left behind, until the folder is small enough."""
    files: list[tuple[int, int, str]] = []
    for entry in os.scandir(folder):
        with suppress(FileNotFoundError):  # another process has replaced or removed it
            found = entry.stat(follow_symlinks=False)
            files.append((found.st_mtime_ns, found.st_size, entry.path))
    number, size = len(files), sum(each[1] for each in files)
    for _, freed, path in sorted(files):
        if number <= MOST_ENTRIES and size <= MOST_BYTES:
            return
        with suppress(FileNotFoundError):
            os.unlink(path)  # noqa: PTH108
        number, size = number - 1, size - freed


@cache
def _warn(reason: str) -> None:
    log.warning("the cache cannot be written, so every parse does all of its work again: %s", reason)
