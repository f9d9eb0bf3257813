"""Whether a branch of a repository on this machine may have moved, told from the files that Git keeps it in.

To ask Git takes a process, some ten milliseconds of CPU. Every two seconds that was a third of what a dag-processor did
while nothing changed.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import NamedTuple

FRESH = 2.0
"""Seconds in which a file system may give two writes the same time: so young a file may be written again unnoticed."""

_LONGEST = 100
"""Bytes of a loose ref. It is read, and not only looked at: a commit tells more than the time of a write."""


class Refs(NamedTuple):
    """The state of the files in which a branch or tag is, to be compared with that of another time."""

    loose: tuple[bytes, ...]
    packed: tuple[int, int, int] | None


def refs_of(url: str, ref: str) -> Refs | None:
    """Return the state of the files of a branch or tag; None where only Git can tell.

    That is so for a remote on another machine, a worktree, other ways to keep refs than files, a ref that stands for
    another, what is not there, and files that have been written just now.
    """
    folder = _folder(url)
    if folder is None:
        return None
    loose = tuple(_read(folder / "refs" / kind / ref) for kind in ("heads", "tags"))
    packed = _stamp(folder / "packed-refs")
    if any(each.startswith(b"ref:") for each in loose) or not (any(loose) or packed):
        return None
    if packed and abs(time.time_ns() - packed[0]) < FRESH * 1e9:
        return None
    return Refs(loose, packed)


def _folder(url: str) -> Path | None:
    """Where a repository has its refs in files; None for a URL, and where it has not."""
    path = Path(url.removeprefix("file://"))
    if not path.is_absolute():
        return None
    folder = path / ".git" if (path / ".git").is_dir() else path
    return folder if (folder / "refs/heads").is_dir() and not (folder / "reftable").exists() else None


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(_LONGEST)
    except OSError:
        return b""


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        found = os.stat(file)  # noqa: PTH116 - as cheap as can be
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
