"""Work in a process of its own: within a time, with an end to all that it starts, and with the end of what it says.

The work may do what it likes: exit, hang, be killed, start processes that leave its group, write without end.
"""

import ctypes
import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from secrets import token_hex
from threading import Lock, current_thread, main_thread
from types import FrameType
from typing import Any

from mergeflow.airflow.local.keeper import descendants

KEPT = 32 * 1024
"""Bytes that are kept of what is said below each heading: the last ones."""
MOST_ANSWER = 16 * 2**20
_PATIENCE = 3.0
"""Seconds in which whatever was killed is gone."""
_LOOK = 0.05
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER, _PR_GET_CHILD_SUBREAPER = 1, 36, 37

Heading = Callable[[str], None]
"""Begins another part of the log."""
Work = Callable[[Heading], dict[str, Any]]
"""Returns what JSON can hold."""


_one_at_a_time = Lock()


class Terminated(SystemExit):
    """This process was asked to end while work was going on; by now nothing of that is left."""


@dataclass
class Done:
    """What came of work: its answer, or how its process ended; `is_late` where its time was over."""

    answer: dict[str, Any] | None = None
    code: int | None = None
    is_late: bool = False
    headings: list[str] = field(default_factory=list)
    said: dict[str, bytes] = field(default_factory=dict)
    """The end of what was said below each heading."""


def guarded(work: Work, limit: float) -> Done:
    """Do work in a fork, within `limit` seconds; afterwards nothing runs of what it has started.

    One process does one at a time, since an orphan does not tell whose it is; another thread waits.
    """
    with _one_at_a_time, _adopting_orphans():
        known = {each.pid for each in descendants(os.getpid())}
        log, to_log = os.pipe()
        answers, to_answers = os.pipe()
        mark = f"\x1e{token_hex(8)} ".encode()
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            _become(work, parent, to_log, to_answers, mark)
        os.close(to_log)
        os.close(to_answers)
        try:
            return _Watch(pid, log, answers, mark).until(time.monotonic() + limit)
        finally:
            _end_all(pid, known)
            os.close(log)
            os.close(answers)


@contextmanager
def ended_by_signal() -> Iterator[None]:
    """Within, SIGTERM raises `Terminated`, so that what is going on is cleaned up; in the main thread only."""
    if current_thread() is not main_thread():
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        del frame
        signal.signal(number, signal.SIG_IGN)  # once is enough
        raise Terminated(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _become(work: Work, parent: int, log: int, answers: int, mark: bytes) -> None:
    """Be the process of the work; never returns."""
    code = 1
    try:
        os.setsid()
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        empty = os.open(os.devnull, os.O_RDONLY)
        for here, there in ((empty, 0), (log, 1), (log, 2)):
            os.dup2(here, there)
        _speak_plainly()

        def heading(text: str) -> None:
            sys.stdout.flush()
            sys.stderr.flush()
            _write(1, mark + " ".join(text.split()).encode() + b"\n")

        answer = json.dumps(work(heading)).encode()
        _write(answers, answer + b"\n")
        code = 0
    except BaseException:  # noqa: BLE001 - also SystemExit: whatever it is, this process must not go on
        import traceback

        traceback.print_exc()
    finally:
        with suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _speak_plainly() -> None:
    """Write to the log's descriptors, also where a test runner has put something else in their place."""
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        stream = open(descriptor, "w", encoding="utf-8", errors="backslashreplace", closefd=False, buffering=1)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


class _Watch:
    """Looks at a process, and keeps the end of what it says."""

    def __init__(self, pid: int, log: int, answers: int, mark: bytes) -> None:
        self._pid, self._log, self._answers, self._mark = pid, log, answers, mark
        self._rest = b""
        self._answer = b""
        self._done = Done(headings=[""], said={"": b""})
        for each in (log, answers):
            os.set_blocking(each, False)

    def until(self, deadline: float) -> Done:
        """Wait for the end of the process, or of its time."""
        while True:
            with suppress(OSError):
                select.select([self._log, self._answers], [], [], _LOOK)
            self._read()
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                self._done.code = os.waitstatus_to_exitcode(status)
                break
            if time.monotonic() > deadline:
                self._done.is_late = True
                break
        self._read()
        self._take(self._rest)
        with suppress(ValueError):
            if self._answer.endswith(b"\n") and not self._done.is_late:
                self._done.answer = json.loads(self._answer)
        return self._done

    def _read(self) -> None:
        """All that there is now, without waiting; a process that writes without end must not keep us here."""
        for _ in range(64):
            chunk = _some(self._log)
            if not chunk:
                break
            self._hear(self._rest + chunk)
        while len(self._answer) < MOST_ANSWER and (more := _some(self._answers)):
            self._answer += more

    def _hear(self, text: bytes) -> None:
        """Sort what is said below the headings that stand in it; half a heading waits for its other half."""
        self._rest = b""
        before, *parts = text.split(self._mark)
        if parts and b"\n" not in parts[-1]:
            self._rest = self._mark + parts.pop()
        elif not parts:
            cut = before.rfind(b"\x1e", max(0, len(before) - len(self._mark)))
            if cut >= 0:
                before, self._rest = before[:cut], before[cut:]
        self._take(before)
        for part in parts:
            self._head(part)

    def _head(self, part: bytes) -> None:
        heading, _, text = part.partition(b"\n")
        name = heading.decode(errors="replace")
        self._done.headings.append(name)
        self._done.said.setdefault(name, b"")
        self._take(text)

    def _take(self, text: bytes) -> None:
        name = self._done.headings[-1]
        self._done.said[name] = (self._done.said[name] + text)[-KEPT:]


def _some(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except BlockingIOError:
        return b""


def _end_all(pid: int, known: set[int]) -> None:
    """Kill a process and all that came from it: what left its group, too, and what was handed to us as an orphan."""
    end = time.monotonic() + _PATIENCE
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    while time.monotonic() < end:
        left = _from_work(known)
        for each in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(each, signal.SIGKILL)
        if _reap(pid, known) and not left:
            return
        time.sleep(0.01)


def _from_work(known: set[int]) -> list[int]:
    """The processes below this one that were not there before, and that none of those has started."""
    others, found = set(known), []
    for each in descendants(os.getpid()):  # a parent comes before its children
        if each.pid in others or each.parent in others:
            others.add(each.pid)
        else:
            found.append(each.pid)
    return found


def _reap(pid: int, known: set[int]) -> bool:
    """Collect what has ended of these, and say whether there is nothing left to collect.

    Of a process whose threads have not all ended yet, the first has: it seems to be gone, and what it has started still
    is its own, and is found nowhere below us. A child that was there before is somebody else's to wait for.
    """
    is_left = False
    for each in {pid, *_children(known)}:
        with suppress(ChildProcessError):
            is_left |= os.waitpid(each, os.WNOHANG)[0] == 0
    return not is_left and not _children(known)


def _children(known: set[int]) -> list[int]:
    """The children of this process that came from the work, and that nobody has collected."""
    found = []
    with suppress(OSError):
        for task in os.listdir("/proc/self/task"):  # noqa: PTH208
            with open(f"/proc/self/task/{task}/children", encoding="ascii") as file:  # noqa: PTH123
                found += [int(each) for each in file.read().split() if int(each) not in known]
    return found


@contextmanager
def _adopting_orphans() -> Iterator[None]:
    """Within, whatever below this process loses its parent becomes our child."""
    before = ctypes.c_int(0)
    _prctl(_PR_GET_CHILD_SUBREAPER, ctypes.byref(before))
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        _prctl(_PR_SET_CHILD_SUBREAPER, before.value)


def _prctl(option: int, value: Any) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
