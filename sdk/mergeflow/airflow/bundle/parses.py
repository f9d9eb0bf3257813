"""Parses that are under way in this dag-processor.

Airflow takes what a parse has found for the commit that is checked out when the parse *ends*. Of a merge in between,
runs would be of the new commit with the tasks of the old one, and wait for tasks that are not there until they fail.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 10.0
"""Seconds that a merge waits for parses. While all of a large fleet is parsed there is one at any time."""


class Parses:
    """Whether a merge has to wait for the parses that run now."""

    def __init__(self) -> None:
        self._since: float | None = None

    def hold(self) -> bool:
        """Ask at each refresh that finds a merge; once more after the last parse, for Airflow to take its result."""
        now = time.monotonic()
        waited = self._since is not None
        if not any(running()):
            self._since = None
            return waited
        self._since = now if self._since is None else self._since
        if now - self._since < LONGEST:
            return True
        self._since = None
        return False


def running() -> Iterator[psutil.Process]:
    """The children that are copies of this process, as Airflow makes them; what Git or others run is none.

    One that has ended counts until Airflow has taken its result.
    """
    own = psutil.Process()
    command = own.cmdline()
    for child in own.children():
        with suppress(psutil.Error):  # it has just ended
            if child.status() == psutil.STATUS_ZOMBIE or child.cmdline() == command:
                yield child
