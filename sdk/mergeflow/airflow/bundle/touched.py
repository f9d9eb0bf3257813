"""Files that Airflow shall parse again, told by their mtimes.

In the sort mode `modified_time` the dag-processor parses at once what is newer than its last parse, the newest first.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from mergeflow.airflow.bundle.parses import running
from mergeflow.airflow.stubs import CONFIG_ERRORS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    import psutil  # type: ignore[import-untyped]

LATER = 0.001
"""Seconds by which `config_errors.py` looks older than the stubs touched with it, and so is parsed after them."""


class Touched:
    """Stubs that look newly written, and those that must look so once more; `settle` is called after each change."""

    def __init__(self, settle: Callable[[], None]) -> None:
        self._settle = settle
        self._stubs: set[Path] = set()
        self._parsing: set[psutil.Process] = set()

    def add(self, stubs: Collection[Path]) -> None:
        """Touch stubs at once, and again when the parses that run now are over.

        A parse that began before the merge ends after this touch, which makes it count as the newer one, although it
        read the old files.
        """
        self._parsing = set(running())
        self._stubs |= set(stubs)
        self._touch()
        if not self._parsing:
            self._stubs = set()

    def again(self) -> None:
        """Touch once more what was touched during a parse that is over."""
        if self._stubs and not any(process.is_running() for process in self._parsing):
            self._touch()
            self._stubs, self._parsing = set(), set()

    def _touch(self) -> None:
        now = time.time()
        for stub in self._stubs:
            _set_mtime(stub, now if stub.name == CONFIG_ERRORS else now + LATER)
        self._settle()


def put_last(file: Path, others: Collection[Path]) -> None:
    """Let a file be the oldest, so that Airflow parses it after the others when it begins."""
    if mtimes := [other.stat().st_mtime for other in others if other != file]:
        _set_mtime(file, min(mtimes) - 1)


def _set_mtime(path: Path, mtime: float) -> None:
    # Gone, or no file any more: Airflow notices that by itself. On a read-only disk nothing has changed.
    with suppress(OSError):
        os.utime(path, (mtime, mtime))
