"""The process that tests run below: it imports Airflow once, and forks a process of its own for each job.

`mergeflow.testing.session` starts it. Standard input holds one line of JSON for each job, then `{"go": true}`, and
stays open: it is a lifeline. When its other end is gone, everything below this process ends, and so does it. What it
answers is one line of JSON for each event, on a descriptor that nothing else can write to, for what a DAG prints goes
into the job's log:

* `{"took": [what, seconds]}`: time that was spent for all of them.
* `{"started": id, "pid": n}`, `{"id": id, "tested": {…}}`, `{"done": id}`.
* `{"failed": text}`: no job can be done at all.
"""

import argparse
import ctypes
import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

from mergeflow.tested import Kind, Status, Step, Tested, as_plain, from_plain
from mergeflow.testing.jobs import Job
from mergeflow.testing.jobs import from_plain as job_from_plain
from mergeflow.testing.performing import perform
from mergeflow.testing.processes import end_tree, kill_all_below, tail

LOOK = 0.05
"""Seconds between two looks at processes that have closed no pipe yet."""
LATER = 1.0
"""Seconds that a job gets beyond its limit, in which it writes into its log where it hangs."""
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36

Say = Callable[[dict[str, Any]], None]


@dataclass
class Running:
    """A job's process, what it has said so far, and when its time is over."""

    number: int
    job: Job
    pid: int
    pipe: int
    log: Path
    began: float
    said: bytes = b""
    is_done: bool = False
    closed: bool = False
    nonsense: list[str] = field(default_factory=list)


class Worker:
    """Does jobs, at most `slots` at a time, each within `limit` seconds."""

    def __init__(self, root: Path, scratch: Path, slots: int, limit: float, say: Say) -> None:
        self._root, self._scratch, self._slots, self._limit = root, scratch, slots, limit
        self._say = say
        self._running: list[Running] = []
        self._imported: set[str] = set()

    def run(self, jobs: list[tuple[int, Job]]) -> None:
        """Do these jobs, in this order as far as what they need is imported."""
        while jobs or self._running:
            while jobs and len(self._running) < self._slots:
                number, job = jobs.pop(self._next([job for _, job in jobs]))
                for what in self._needs(job):
                    self._import(what)
                self._running.append(self._start(number, job))
            self._listen()
            for each in [each for each in self._running if self._has_ended(each)]:
                self._running.remove(each)

    def _next(self, jobs: list[Job]) -> int:
        """The first job; while nothing runs, one that needs no import that another could be running beside."""
        if self._running:
            return 0
        return min(range(len(jobs)), key=lambda i: "great_expectations" in self._needs(jobs[i]))

    def _needs(self, job: Job) -> list[str]:
        needs = ["great_expectations"] if job.needs_quality else []
        return [each for each in ([] if job.kind is Kind.SAMPLE else ["airflow"]) + needs if each not in self._imported]

    def _import(self, what: str) -> None:
        """Import once what forks then have."""
        self._imported.add(what)
        began = time.monotonic()
        if what == "airflow":
            _start_airflow(self._scratch / "airflow", self._root)
            self._say({"took": ["starting Airflow", time.monotonic() - began]})
        else:
            with suppress(ImportError):  # each job that needs it says what to install
                import_module("mergeflow.quality.validate")
                import_module(what)
            self._say({"took": ["importing Great Expectations", time.monotonic() - began]})

    def _start(self, number: int, job: Job) -> Running:
        read, write = os.pipe()
        log = self._scratch / f"job-{number}.log"
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                _become(log, [read, *(each.pipe for each in self._running)], self._limit_of(job))
                code = _do(self._root, job, self._scratch / f"job-{number}", write)
            finally:
                with suppress(BaseException):
                    sys.stdout.flush()
                    sys.stderr.flush()
                os._exit(code)
        os.close(write)
        os.set_blocking(read, False)
        self._say({"started": number, "pid": pid})
        return Running(number, job, pid, read, log, time.monotonic())

    def _limit_of(self, job: Job) -> float:
        return max(self._limit, job.limit)

    def _listen(self) -> None:
        """Take what jobs have said; end everything when nobody listens any more."""
        pipes = {each.pipe: each for each in self._running if not each.closed}
        ready, _, _ = select.select([0, *pipes], [], [], LOOK)
        if 0 in ready and not os.read(0, 4096):
            end_everything(self._scratch)
        for pipe in ready:
            if pipe in pipes:
                self._take(pipes[pipe])

    def _take(self, running: Running) -> None:
        """All that is in a job's pipe: every whole line is a test, or the word that there are no more."""
        with suppress(BlockingIOError):
            while more := os.read(running.pipe, 65536):
                running.said += more
            running.closed = True
        *lines, running.said = running.said.split(b"\n")
        for line in lines:
            if line == b"done":
                running.is_done = True
                continue
            try:
                tested = from_plain(json.loads(line))
            except (ValueError, TypeError, KeyError):
                running.nonsense.append(line[:200].decode(errors="replace"))
            else:
                self._say({"id": running.number, "tested": as_plain(tested)})

    def _has_ended(self, running: Running) -> bool:
        """Whether a job's process is gone, be it that its time was over; what it has left undone is told."""
        late = time.monotonic() - running.began > self._limit_of(running.job) + LATER
        pid, status = os.waitpid(running.pid, os.WNOHANG)
        if pid == 0 and not late:
            return False
        if pid == 0:
            end_tree(running.pid)
            os.waitpid(running.pid, 0)
        else:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(running.pid, signal.SIGKILL)  # what it has left behind
        self._take(running)
        os.close(running.pipe)
        if pid == 0 or not running.is_done:
            code = None if pid == 0 else os.waitstatus_to_exitcode(status)
            self._say({"id": running.number, "tested": as_plain(self._undone(running, code))})
        self._say({"done": running.number})
        return True

    def _undone(self, running: Running, code: int | None) -> Tested:
        if code is None:
            reason = f"it ran for more than {self._limit_of(running.job):.0f} s and was ended"
        else:
            reason = f"the process that ran it {ended_by(code)}"
        seconds = time.monotonic() - running.began
        message = "\n".join([reason, *running.nonsense, *tail(running.log)])
        job = running.job
        return Tested(
            job.kind, job.path, job.name, Status.ERROR, message, job.line, seconds, (Step("running", seconds),)
        )


def ended_by(code: int) -> str:
    """How a process came to its end, in words."""
    if code >= 0:
        return f"ended with exit code {code}"
    with suppress(ValueError):
        return f"was ended by {signal.Signals(-code).name}"
    return f"was ended by signal {-code}"


def end_everything(scratch: Path) -> None:
    """End every process below this one, and this one."""
    import shutil

    kill_all_below(os.getpid())
    shutil.rmtree(scratch, ignore_errors=True)
    os._exit(1)


def _start_airflow(home: Path, root: Path) -> None:
    """Import what every job that needs Airflow imports; its settings are read now, so its home comes first."""
    from mergeflow.airflow.testing.home import prepare

    prepare(home, root)
    for name in ("mergeflow.airflow.loader", "mergeflow.airflow.testing.integrity"):
        import_module(name)


def _become(log: Path, pipes: list[int], limit: float) -> None:
    """Turn a fork into the process of a job: a session of its own, and nothing of the worker's to write to."""
    import faulthandler

    os.setsid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for pipe in (*pipes, ANSWERS):
        with suppress(OSError):
            os.close(pipe)
    empty = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for here, there in ((empty, 0), (output, 1), (output, 2)):
        os.dup2(here, there)
    faulthandler.enable(file=2)
    faulthandler.dump_traceback_later(limit, file=2)


def _do(root: Path, job: Job, scratch: Path, answers: int) -> int:
    """Do the job in this process, and write what came of it; return the exit code."""
    began = time.monotonic()
    try:
        for tested in perform(root, job, scratch):
            _write(answers, json.dumps(as_plain(tested)).encode())
    except BaseException as error:  # noqa: BLE001 - also SystemExit, which somebody's module may raise
        import traceback

        traceback.print_exc()
        seconds = time.monotonic() - began
        message = f"the test itself failed: {type(error).__name__}: {error}\n" + "".join(_last(traceback.format_exc()))
        failed = Tested(job.kind, job.path, job.name, Status.ERROR, message.rstrip(), job.line, seconds)
        _write(answers, json.dumps(as_plain(failed)).encode())
    _write(answers, b"done")
    return 0


def _last(text: str) -> Iterator[str]:
    return iter(text.splitlines(keepends=True)[-8:])


def _write(descriptor: int, line: bytes) -> None:
    left = line + b"\n"
    while left:
        left = left[os.write(descriptor, left) :]


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


ANSWERS = -1
"""The descriptor of the answers; standard output is the log's."""


def main() -> None:
    """Read the jobs, do them, and end."""
    global ANSWERS  # noqa: PLW0603 - the one thing that forks must close
    options = argparse.ArgumentParser()
    options.add_argument("--root", type=Path, required=True)
    options.add_argument("--scratch", type=Path, required=True)
    options.add_argument("--slots", type=int, required=True)
    options.add_argument("--limit", type=float, required=True)
    asked = options.parse_args()
    answers = ANSWERS = os.dup(1)
    os.dup2(2, 1)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)

    def say(event: dict[str, Any]) -> None:
        with suppress(OSError):  # whoever asked is gone; the lifeline tells so next
            _write(answers, json.dumps(event).encode())

    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        end_everything(asked.scratch)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    jobs = _jobs()
    if jobs is None:
        return
    try:
        Worker(asked.root, asked.scratch, asked.slots, asked.limit, say).run(jobs)
    except Exception as error:  # noqa: BLE001 - whoever asked must hear of it
        import traceback

        traceback.print_exc()
        say({"failed": f"{type(error).__name__}: {error}"})
    kill_all_below(os.getpid())


def _jobs() -> list[tuple[int, Job]] | None:
    """The jobs with their numbers, which end with the line that says `go`; none where whoever asks has gone."""
    said = b""
    while not said.endswith(b'{"go": true}\n'):
        more = os.read(0, 65536)
        if not more:
            return None
        said += more
    lines = [json.loads(line) for line in said.splitlines()[:-1]]
    return [(int(each["id"]), job_from_plain(each["job"])) for each in lines]


if __name__ == "__main__":
    main()
