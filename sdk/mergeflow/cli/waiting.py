"""Something to look at while a command works for more than a second: on a terminal only, and gone afterwards."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from threading import Timer
    from types import TracebackType

    from rich.progress import Progress

PATIENCE = 1.0
"""Seconds before anything is shown; work that ends sooner costs one timer, and without a terminal not even that."""


class Waiting:
    """A bar on standard error, with what is being done beside it."""

    def __init__(self, doing: str, patience: float = PATIENCE) -> None:
        self._doing = doing
        self._patience = patience
        self._timer: Timer | None = None
        self._bar: Progress | None = None
        self._over = False

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from threading import Timer

            self._timer = Timer(self._patience, self._show)
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del kind, error, trace
        self._over = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()  # it may be drawing just now
        if self._bar is not None:
            self._bar.stop()

    def now(self, doing: str) -> None:
        """Say what is being done from here on."""
        self._doing = doing
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], description=doing)

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = TextColumn("{task.description}"), BarColumn(pulse_style="bar.pulse"), TimeElapsedColumn()
        console = Console(stderr=True)
        bar = Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False)
        bar.add_task(self._doing, total=None)
        if not self._over:
            bar.start()
            self._bar = bar
