"""Something that goes wrong again and again, logged when it begins and when it is over."""

from __future__ import annotations

import time
from typing import Any


class Outage:
    """Why a bundle stays at its last good state; `reason` is empty while it follows."""

    def __init__(self, log: Any, bundle: str) -> None:
        self.reason = ""
        self._log = log
        self._bundle = bundle
        self._kind = ""
        self._since = 0.0
        self._until = 0.0

    @property
    def pauses(self) -> bool:
        """Whether it is too early to try again."""
        return time.monotonic() < self._until

    def begins(self, kind: str, error: Exception, pause: float = 0.0) -> None:
        """Log an error, unless the last one was of the same kind: its text may differ in a port or a duration.

        For `pause` seconds nobody should try again.
        """
        self._until = time.monotonic() + pause
        if not self._kind:
            self._since = time.monotonic()
        if kind != self._kind:
            self._log.error(
                "bundle stays as it is until this is over", bundle=self._bundle, cause=kind, error=str(error)
            )
        self._kind, self.reason = kind, str(error)

    def ends(self) -> None:
        """Log that it is over, if there was one."""
        if self._kind:
            seconds = round(time.monotonic() - self._since)
            self._log.info("bundle follows again", bundle=self._bundle, cause=self._kind, seconds=seconds)
        self._kind = self.reason = ""
