"""Running jobs: one worker process below this one does them, and this one imports no Airflow.

Whatever happens to a job, to the worker or to this process, every job has an answer, and nothing is left behind.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mergeflow.tested import Status, Tested, from_plain
from mergeflow.testing.jobs import Job, longest_first
from mergeflow.testing.processes import end_tree, ended_by, tail

LIMIT = 300.0
"""Seconds that a job may take."""
_GRACE = 5.0
"""Seconds in which a worker that is told to stop ends everything below it."""


def slots() -> int:
    """How many jobs run at once, when nobody says: one for each core, and at least two, since jobs also wait."""
    return max(2, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2)


@dataclass
class Session:
    """The jobs of one call.

    `took` fills with the time that was spent for all of them, in seconds by what it was spent for; `tell` is called
    with how many jobs are done, and with what is going on: the labels of those that run, and what is done for all.
    """

    root: Path
    slots: int = field(default_factory=slots)
    limit: float = LIMIT
    environment: str = ""
    tell: Callable[[int, Sequence[str]], None] = lambda done, running: None  # noqa: ARG005
    took: dict[str, float] = field(default_factory=dict)
    command: tuple[str, ...] = (sys.executable, "-m", "mergeflow.testing.worker")

    def run(self, jobs: Sequence[Job]) -> Iterator[Tested]:
        """Do these jobs; the tests come as they end. Whoever stops listening ends everything."""
        left = dict(enumerate(longest_first(tuple(jobs))))
        scratch = Path(tempfile.mkdtemp(prefix="mergeflow-test-"))
        try:
            while left:
                yield from self._with_worker(left, scratch, len(jobs))
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _with_worker(self, left: dict[int, Job], scratch: Path, total: int) -> Iterator[Tested]:
        """Let one worker do what is left; it removes what it has done, and what it died of."""
        log = scratch / "worker.log"
        worker = self._start(scratch, log)
        running: dict[int, int] = {}
        failed = doing = ""
        try:
            _give(worker, left)
            for event in _events(worker):
                if "doing" in event:
                    doing = event["doing"]
                elif "took" in event:
                    doing = ""
                    what, seconds = event["took"]
                    self.took[what] = self.took.get(what, 0.0) + seconds
                elif "started" in event:
                    running[event["started"]] = event["pid"]
                elif "tested" in event:
                    yield from_plain(event["tested"])
                elif "done" in event:
                    running.pop(event["done"], None)
                    left.pop(event["done"], None)
                elif "failed" in event:
                    failed = event["failed"]
                labels = [left[number].label for number in running]
                self.tell(total - len(left), [*labels, *([doing] if doing else [])])
            with suppress(subprocess.TimeoutExpired):
                worker.wait(_GRACE)
        finally:
            _stop(worker)
            for pid in running.values():
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)
        died_of = [number for number in running if number in left] or [*left]
        for number in died_of:
            yield _lost(left.pop(number), failed, worker.returncode, log)

    def _start(self, scratch: Path, log: Path) -> subprocess.Popen[bytes]:
        options = ("--root", self.root, "--scratch", scratch, "--slots", self.slots, "--limit", self.limit)
        with log.open("ab") as output:
            return subprocess.Popen(
                [*self.command, *map(str, options)],
                cwd=self.root,
                env=_environment(os.environ, self.environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                start_new_session=True,  # Ctrl-C in a terminal is for this process, which tells the worker
            )


def _environment(inherited: Mapping[str, str], environment: str) -> dict[str, str]:
    """What a worker has: the environment that is chosen for the configs, and no module from where it is started."""
    kept = {name: value for name, value in inherited.items() if name != "MERGEFLOW_ENV"}
    return {**kept, "PYTHONSAFEPATH": "1", **({"MERGEFLOW_ENV": environment} if environment else {})}


def _give(worker: subprocess.Popen[bytes], jobs: Mapping[int, Job]) -> None:
    lines = [json.dumps({"id": number, "job": job.as_plain()}) for number, job in jobs.items()]
    with suppress(BrokenPipeError):
        assert worker.stdin  # noqa: S101 - it was asked for
        worker.stdin.write("\n".join([*lines, '{"go": true}\n']).encode())
        worker.stdin.flush()


def _events(worker: subprocess.Popen[bytes]) -> Iterator[dict[str, Any]]:
    assert worker.stdout  # noqa: S101
    for line in worker.stdout:
        with suppress(ValueError):
            event = json.loads(line)
            if isinstance(event, dict):
                yield event


def _stop(worker: subprocess.Popen[bytes]) -> None:
    """End a worker: it has done everything, or must stop now."""
    with suppress(OSError):
        assert worker.stdin  # noqa: S101
        worker.stdin.close()
    try:
        worker.terminate()
        worker.wait(_GRACE)
    except subprocess.TimeoutExpired:
        end_tree(worker.pid)
        worker.wait()
    finally:
        if worker.stdout:
            worker.stdout.close()


def _lost(job: Job, failed: str, code: int | None, log: Path) -> Tested:
    """A job that has no answer of its own."""
    reason = failed or f"the process that tests run below {ended_by(code or 0)}"
    message = "\n".join([reason, *([] if failed else tail(log))])
    return Tested(job.kind, job.path, job.name, Status.ERROR, message, job.line)
