"""The process of one job: a fork of the worker. What came of it goes into a pipe, and everything else into a log."""

import ctypes
import faulthandler
import json
import os
import signal
import sys
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from mergeflow.tested import Status, Tested, as_plain
from mergeflow.testing.jobs import Job
from mergeflow.testing.performing import perform

DONE = b"done"
"""What a job's last line says."""
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_LINES = 8
"""Of a traceback, the last ones."""


def be_job(root: Path, job: Job, scratch: Path, answers: int, limit: float, others: Collection[int]) -> int:  # noqa: PLR0913, PLR0917
    """Be the process of a job and do it; return the exit code. `others` are the worker's own descriptors."""
    _become(scratch.with_suffix(".log"), others, limit)
    code = do(root, job, scratch, answers)
    faulthandler.cancel_dump_traceback_later()
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()
    return code


def do(root: Path, job: Job, scratch: Path, answers: int) -> int:
    """Do the job in this process, and write what came of it; return the exit code."""
    began = time.monotonic()
    try:
        for tested in perform(root, job, scratch):
            write(answers, json.dumps(as_plain(tested)).encode())
    except BaseException as error:  # noqa: BLE001 - also SystemExit, which somebody's module may raise
        import traceback

        traceback.print_exc()
        seconds = time.monotonic() - began
        last = traceback.format_exc().splitlines()[-_LINES:]
        message = "\n".join([f"the test itself failed: {type(error).__name__}: {error}", *last])
        failed = Tested(job.kind, job.path, job.name, Status.ERROR, message, job.line, seconds)
        write(answers, json.dumps(as_plain(failed)).encode())
    write(answers, DONE)
    return 0


def _become(log: Path, others: Collection[int], limit: float) -> None:
    """Turn a fork into the process of a job: a session of its own, and nothing of the worker's to write to."""
    os.setsid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for descriptor in others:
        with suppress(OSError):
            os.close(descriptor)
    empty = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for here, there in ((empty, 0), (output, 1), (output, 2)):
        os.dup2(here, there)
    faulthandler.enable(file=2)
    faulthandler.dump_traceback_later(limit, file=2)


def write(descriptor: int, line: bytes) -> None:
    """Write a whole line."""
    left = line + b"\n"
    while left:
        left = left[os.write(descriptor, left) :]


def adopt_orphans() -> None:
    """Make this process the parent of all that is left behind below it."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
