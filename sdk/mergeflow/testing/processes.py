"""Ending processes with all that they have started, and the last lines of what they have said."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

LINES, BYTES = 15, 4_000
"""How much of a log is shown."""
_PATIENCE = 3.0
"""Seconds in which whatever was killed is gone, unless a disk holds it up."""


def end_tree(pid: int) -> None:
    """Kill a process and all below it, also what has left its group, as every Bash task of Airflow does."""
    from mergeflow.airflow.local.keeper import descendants

    below = [each.pid for each in descendants(pid)]
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    for each in (pid, *below):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(each, signal.SIGKILL)


def kill_all_below(ancestor: int) -> None:
    """Kill every process below this one, and collect them; one that adopts orphans has all of them below it.

    Nothing is left only when there is nothing to collect: while a process ends thread by thread, it seems to be gone,
    and what it has started is not an orphan yet.
    """
    from mergeflow.airflow.local.keeper import descendants

    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        is_alone = False
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            is_alone = True
        below = descendants(ancestor)
        if is_alone and not below:
            return
        for each in below:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(each.pid, signal.SIGKILL)
        time.sleep(0.02)


def tail(log: Path) -> list[str]:
    """The last lines of a log, with a line before them that says what they are; nothing where it is empty."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - BYTES))
            text = file.read().decode(errors="replace")
    except OSError:
        return []
    lines = text.rstrip().splitlines()[-LINES:]
    return ["its log ends:", *(f"  {line}" for line in lines)] if lines else []


def ended_by(code: int) -> str:
    """How a process came to its end, in words."""
    if code >= 0:
        return f"ended with exit code {code}"
    with suppress(ValueError):
        return f"was ended by {signal.Signals(-code).name}"
    return f"was ended by signal {-code}"
