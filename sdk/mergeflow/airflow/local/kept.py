"""The other end of the keeper's lifeline: start it, hear from it, stop it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mergeflow.airflow.local.keeper import Component

GRACE = 8.0  # seconds that tasks get to end by themselves, and half of it the components after them
TAIL = 15  # lines of a log that say why its process ended


class Kept:
    """Running components. They end with `stop`, or with this process, however that ends."""

    def __init__(
        self,
        components: Sequence[Component],
        environment: Mapping[str, str],
        folder: Path,
        *,
        inherit: IO[str] | None = None,
        grace: float = GRACE,
    ) -> None:
        """Start the components in `folder`. The keeper holds the file `inherit` open for as long as it runs."""
        self._logs = {component.name: Path(component.log) for component in components}
        self._grace = grace
        self._heard = b""
        self._said: IO[bytes]
        self._keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("keeper.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Away from the terminal: Ctrl-C is for the program that waits, and it decides.
            start_new_session=True,
            pass_fds=[inherit.fileno()] if inherit else [],
        )
        plan = {"components": [asdict(component) for component in components], "grace": grace}
        plan |= {"environment": dict(environment), "folder": str(folder)}
        self._lifeline, self._said = _pipes(self._keeper)
        self._lifeline.write(json.dumps(plan).encode() + b"\n")
        self._lifeline.flush()
        os.set_blocking(self._said.fileno(), False)

    def ended(self, say: Callable[[str], None] = lambda _: None) -> str | None:
        """Say which component has ended, with the end of its log; None while all run.

        `say` gets a line for each that had to be started again since this was asked before.
        """
        for event in self._events():
            code = event["code"]
            how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
            if name := event.get("died"):
                return f"{name} {how}, and its log {self._logs[name]} ends:\n{tail(self._logs[name])}"
            say(f"{event['restarted']} {how}, and is started again")
        if self._keeper.poll() is not None:
            return "the process that keeps Airflow's components has ended"
        return None

    def stop(self, *, at_once: bool = False) -> None:
        """Stop all; return when not one process is left. Interrupted once more, it has no more patience."""
        try:
            self._let_go(at_once=at_once)
            self._keeper.wait(3 * self._grace + 2)
        except BaseException:
            if self._keeper.poll() is None:
                # The lifeline is closed already; to a keeper that is stopping, SIGTERM says "at once".
                self._keeper.terminate()
                self._keeper.wait(self._grace + 2)
            raise
        finally:
            self._said.close()

    def _let_go(self, *, at_once: bool) -> None:
        with suppress(OSError):
            if at_once and not self._lifeline.closed:
                self._lifeline.write(b"kill\n")
            self._lifeline.close()

    def _events(self) -> list[dict[str, Any]]:
        if not self._said.closed:
            self._heard += self._said.read() or b""
        *lines, self._heard = self._heard.split(b"\n")
        return [json.loads(line) for line in lines]


def tail(log: Path) -> str:
    """Return the last lines of a log; empty when there is none."""
    with suppress(OSError):
        return "\n".join(log.read_text(errors="replace").splitlines()[-TAIL:])
    return ""


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("a process without pipes has no lifeline")
    return process.stdin, process.stdout
