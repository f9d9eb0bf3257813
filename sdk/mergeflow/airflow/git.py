"""Git as a process: it asks nobody, ends in time, and takes its helpers with it.

Every command names the repository it works on, never the folder it runs in. What holds a bundle's lock hands it on
to its Git: should the one be killed, the lock stays until the other has ended, and nobody writes in between.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LOCAL = 300.0
"""Seconds for a command that reaches no remote: what takes longer hangs."""


class GitError(Exception):
    """Git failed or took too long. The message is one line, and holds no password."""


class Running:
    """One Git command that has begun, and may be waited for in several goes."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        limit: float = LOCAL,
        variables: Mapping[str, str] | None = None,
        lock: int | None = None,
    ) -> None:
        """`limit` is in seconds from now, `lock` the descriptor of a lock file."""
        self._limit, self._end = limit, time.monotonic() + limit
        try:
            self._process = subprocess.Popen(
                ["git", *arguments],  # noqa: S607 (the platform's own Git)
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**_inherited(), **(variables or {}), **_QUIET},
                pass_fds=() if lock is None else (lock,),
                start_new_session=True,  # so that its helpers, which are what hangs, can be ended with it
            )
        except OSError as error:
            raise GitError(f"Git cannot be started: {error.strerror}") from None

    def output(self, patience: float = LOCAL) -> bytes | None:
        """Return what Git wrote; None when it is not over after `patience` seconds.

        Raises:
            GitError: it failed, or its limit has passed.
        """
        left = self._end - time.monotonic()
        try:
            out, err = self._process.communicate(timeout=max(0.0, min(patience, left)))
        except subprocess.TimeoutExpired:
            if patience < left:
                return None
            self.end()
            raise GitError(f"no answer within {self._limit:.0f} s") from None
        except BaseException:  # a signal, say: nobody else will end it
            self.end()
            raise
        if self._process.returncode:
            raise GitError(_said(err) or f"Git ended with status {self._process.returncode}")
        return out

    def end(self) -> None:
        """Kill it and whatever it started; do nothing when it has ended."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()


def git(
    *arguments: str | os.PathLike[str],
    limit: float = LOCAL,
    variables: Mapping[str, str] | None = None,
    lock: int | None = None,
) -> bytes:
    """Run one command to its end and return what it wrote.

    Raises:
        GitError: it failed, or took longer than `limit` seconds.
    """
    running = Running([os.fspath(each) for each in arguments], limit=limit, variables=variables, lock=lock)
    return running.output(limit) or b""


_QUIET = {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}

# What a hook or an alias around us may have set: these name another repository than the command does.
_ELSEWHERE = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"})


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}


def _said(err: bytes) -> str:
    """The first line that says what is wrong, without the password that a URL may hold."""
    lines = [line.strip() for line in os.fsdecode(err).splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:"))] or lines
    return re.sub(r"//[^/\s]*@", "//", telling[0]).removeprefix("fatal: ").removeprefix("error: ") if telling else ""
