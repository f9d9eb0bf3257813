"""The process that tests run below: it imports Airflow once, and forks a process of its own for each job.

`mergeflow.testing.session` starts it. Standard input holds one line of JSON for each job, then `{"go": true}`, and
stays open: it is a lifeline. When its other end is gone, everything below this process ends, and so does it. What it
answers is one line of JSON for each event, on a descriptor that nothing else can write to, for what a DAG prints goes
into the job's log:

* `{"doing": what}`, `{"took": [what, seconds]}`: what is done for all of them, and how long it took.
* `{"started": id, "pid": n}`, `{"id": id, "tested": {…}}`, `{"done": id}`.
* `{"failed": text}`: no job can be done at all.
"""

import argparse
import json
import os
import select
import shutil
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from mergeflow.tested import Kind, Status, Step, Tested, as_plain, from_plain
from mergeflow.testing.forks import DONE, adopt_orphans, be_job, write
from mergeflow.testing.jobs import Job
from mergeflow.testing.jobs import from_plain as job_from_plain
from mergeflow.testing.preparing import needs_of, prepare
from mergeflow.testing.processes import end_tree, ended_by, kill_all_below, tail

LOOK = 0.05
"""Seconds between two looks at processes that have closed no pipe yet."""
LATER = 1.0
"""Seconds that a job gets beyond its limit, in which it writes into its log where it hangs."""
_CLEANING = 3.0
"""Seconds in which a pipeline test that is told to end removes its databases from a server."""


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
    is_late: bool = False
    told: int = 0
    """How many tests it has told of; a job without one has no answer."""
    nonsense: list[str] = field(default_factory=list)


class Worker:
    """Does jobs, at most `slots` at a time, each within `limit` seconds."""

    def __init__(self, asked: argparse.Namespace, answers: int) -> None:
        self._root, self._scratch, self._slots, self._limit = asked.root, asked.scratch, asked.slots, asked.limit
        self._answers = answers
        self._running: list[Running] = []
        self._imported: set[str] = set()

    def say(self, event: dict[str, Any]) -> None:
        """Tell whoever asked; should they be gone, the lifeline says so next."""
        with suppress(OSError):
            write(self._answers, json.dumps(event).encode())

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
        return min(range(len(jobs)), key=lambda i: len(self._needs(jobs[i])))

    def _needs(self, job: Job) -> list[str]:
        """What must still be imported for a job."""
        return [each for each in needs_of(job) if each not in self._imported]

    def _import(self, what: str) -> None:
        """Import once what forks then have."""
        self._imported.add(what)
        self.say({"doing": what})
        began = time.monotonic()
        prepare(what, self._root, self._scratch)
        self.say({"took": [what, time.monotonic() - began]})

    def _start(self, number: int, job: Job) -> Running:
        read, write = os.pipe()
        log = self._scratch / f"job-{number}.log"
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                others = [read, self._answers, *(each.pipe for each in self._running)]
                code = be_job(self._root, job, self._scratch / f"job-{number}", write, self._limit_of(job), others)
            finally:
                os._exit(code)
        os.close(write)
        os.set_blocking(read, False)
        self.say({"started": number, "pid": pid})
        return Running(number, job, pid, read, log, time.monotonic())

    def _limit_of(self, job: Job) -> float:
        return max(float(self._limit), job.limit)

    def _listen(self) -> None:
        """Take what jobs have said; end everything when nobody listens any more."""
        pipes = {each.pipe: each for each in self._running if not each.closed}
        ready, _, _ = select.select([0, *pipes], [], [], LOOK)
        if 0 in ready and not os.read(0, 4096):
            self.end()
        for pipe in ready:
            if pipe in pipes:
                self._take(pipes[pipe])

    def end(self) -> None:
        """End every process below this one, and this one; those that can clean up before they go."""
        left = [each.pid for each in self._running]
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + _CLEANING
        while any(each.job.kind is Kind.PIPELINE for each in self._running) and left and time.monotonic() < end:
            left = [pid for pid in left if not _is_gone(pid)]
            time.sleep(LOOK)
        kill_all_below(os.getpid())
        shutil.rmtree(self._scratch, ignore_errors=True)
        os._exit(1)

    def _take(self, running: Running) -> None:
        """All that is in a job's pipe: every whole line is a test, or the word that there are no more."""
        with suppress(BlockingIOError):
            while more := os.read(running.pipe, 65536):
                running.said += more
            running.closed = True
        *lines, running.said = running.said.split(b"\n")
        for line in lines:
            if line == DONE:
                running.is_done = True
                continue
            try:
                tested = from_plain(json.loads(line))
            except (ValueError, TypeError, KeyError):
                running.nonsense.append(line[:200].decode(errors="replace"))
            else:
                running.told += 1
                self.say({"id": running.number, "tested": as_plain(tested)})

    def _has_ended(self, running: Running) -> bool:
        """Whether a job's process is gone, be it that its time was over; what it has left undone is told."""
        pid, status = os.waitpid(running.pid, os.WNOHANG)
        over = time.monotonic() - running.began - self._limit_of(running.job) - LATER
        if pid == 0 and over < 0:
            return False
        if pid == 0 and running.job.kind is Kind.PIPELINE and over < _CLEANING:
            if not running.is_late:
                os.kill(running.pid, signal.SIGTERM)
            running.is_late = True
            return False
        if pid == 0:
            running.is_late = True
            end_tree(running.pid)
            os.waitpid(running.pid, 0)
        else:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(running.pid, signal.SIGKILL)  # what it has left behind
        self._take(running)
        os.close(running.pipe)
        if running.is_late or not running.is_done or not running.told or running.nonsense:
            code = None if running.is_late else os.waitstatus_to_exitcode(status)
            self.say({"id": running.number, "tested": as_plain(self._undone(running, code))})
        self.say({"done": running.number})
        return True

    def _undone(self, running: Running, code: int | None) -> Tested:
        if code is None:
            reason = f"it ran for more than {self._limit_of(running.job):g} s and was ended"
        elif running.is_done:
            reason = "the process that ran it did not say what came of it"
        else:
            reason = f"the process that ran it {ended_by(code)}"
        seconds = time.monotonic() - running.began
        message = "\n".join([reason, *running.nonsense, *tail(running.log)])
        job = running.job
        return Tested(
            job.kind, job.path, job.name, Status.ERROR, message, job.line, seconds, (Step("running", seconds),)
        )


def _is_gone(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] != 0
    except ChildProcessError:  # it was collected before
        return True


def main() -> None:
    """Read the jobs, do them, and end."""
    options = argparse.ArgumentParser()
    options.add_argument("--root", type=Path, required=True)
    options.add_argument("--scratch", type=Path, required=True)
    options.add_argument("--slots", type=int, required=True)
    options.add_argument("--limit", type=float, required=True)
    asked = options.parse_args()
    answers = os.dup(1)
    os.dup2(2, 1)
    adopt_orphans()

    worker = Worker(asked, answers)

    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        worker.end()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    jobs = _jobs()
    if jobs is None:
        return
    try:
        worker.run(jobs)
    except Exception as error:  # noqa: BLE001 - whoever asked must hear of it
        import traceback

        traceback.print_exc()
        worker.say({"failed": f"{type(error).__name__}: {error}"})
    kill_all_below(os.getpid())
    os._exit(0)  # what Airflow and Great Expectations do when Python ends takes seconds, and there is nothing to end


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
