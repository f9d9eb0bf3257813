"""A lock that processes hold one at a time, and that ends with them."""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def held(file: Path) -> Iterator[int]:
    """Wait for the lock of a file, which is made if need be; hold it, and give the descriptor that does."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with _opened(file) as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        try:
            yield opened.fileno()
        finally:
            fcntl.flock(opened, fcntl.LOCK_UN)


def _opened(file: Path) -> IO[str]:
    try:
        return file.open("w")
    except OSError:
        return file.open()  # on a disk that has become read-only, what is there can still be locked, and served
