"""The repository that a bundle follows, asked and fetched from without ever waiting for long.

The dag-processor does everything in one loop. A server that takes a connection and says nothing must not stop it: a
question goes on in the background from one refresh to the next, and ends when its time is over.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from mergeflow.airflow.bundle.local_refs import Refs, refs_of
from mergeflow.airflow.git import GitError, Running, git

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from airflow.providers.git.bundles.git import GitDagBundle

ANSWER = 10.0
"""Seconds in which a remote must say where its branch is; the time after which a hang is tried anew."""

FETCH = 120.0
"""Seconds for the commits of a merge. Git itself gives up much sooner when nothing arrives."""

CLONE = 1800.0
"""Seconds for a whole repository."""

STALLED = {"GIT_HTTP_LOW_SPEED_LIMIT": "1", "GIT_HTTP_LOW_SPEED_TIME": "20"}
STALLED_SSH = "-o ConnectTimeout=10 -o ServerAliveInterval=10 -o ServerAliveCountMax=2"
EVERYTHING = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")

# Runs stay pinned to their commits: one that a forced push has cut off must not be cleaned away.
KEEPING = ("-c", "gc.pruneExpire=never")


class RemoteError(Exception):
    """The remote cannot be reached, or refuses. The message is one line."""


class BranchGoneError(Exception):
    """The remote answers, and what is followed is not there."""


class Remote:
    """Where a bundle's commits come from, with the credentials of its connection.

    `airflows` makes Airflow's own Git bundle, which looks the connection up. That costs a request in a worker, so it
    is made when first needed, and again after an error: the password may have been changed.
    """

    def __init__(self, airflows: Callable[[], GitDagBundle], ref: str) -> None:
        self.ref = ref
        self._airflows = airflows
        self._known: GitDagBundle | None = None
        self._asking: tuple[Running, ExitStack] | None = None
        self._asked_of: Refs | None = None
        self._said: tuple[Refs, str] | None = None
        self._named = f"refs/heads/{ref}"

    def tip(self, patience: float = ANSWER) -> str | None:
        """Return the commit of what is followed; None when the remote has not answered after `patience` seconds.

        Raises:
            RemoteError: it cannot be reached.
            BranchGoneError: it has no such branch or tag.
        """
        with self._telling():
            if self._asking is None:
                self._asked_of = refs_of(str(self.configured.repo_url), self.ref)
                if self._said and self._said[0] == self._asked_of:
                    return self._said[1]
                self._said = None
            running, held = self._asking = self._asking or self._ask()
            try:
                out = running.output(patience)
            except BaseException:
                self._asking = None
                held.close()
                raise
        if out is None:
            return None
        self._asking = None
        held.close()
        commit = self._commit(out)
        self._said = (self._asked_of, commit) if self._asked_of else None
        return commit

    def fetch(self, bare: Path, lock: int | None, *, everything: bool = False, limit: float = FETCH) -> None:
        """Fetch what is followed, or every branch and tag, into a bare repository.

        Raises:
            RemoteError: the remote cannot be reached, or not all of it could be written.
        """
        wanted = EVERYTHING if everything else (f"+{self._named}:{self._named}",)
        with self._telling(), self._access() as (url, variables):
            arguments = (*KEEPING, f"--git-dir={bare}", "fetch", "-q", "--no-tags", "--", url, *wanted)
            git(*arguments, limit=limit, variables=variables, lock=lock)

    @property
    def asks(self) -> bool:
        """Whether a question is open that an earlier refresh has begun."""
        return self._asking is not None

    @property
    def configured(self) -> GitDagBundle:
        """Airflow's own bundle of the same settings."""
        if self._known is None:
            self._known = self._airflows()
        return self._known

    def _ask(self) -> tuple[Running, ExitStack]:
        with ExitStack() as stack:
            url, variables = stack.enter_context(self._access())
            names = (f"refs/heads/{self.ref}", f"refs/tags/{self.ref}", f"refs/tags/{self.ref}^{{}}")
            running = Running(["ls-remote", "--", url, *names], limit=ANSWER, variables=variables)
            stack.callback(running.end)
            return running, stack.pop_all()

    def _commit(self, out: bytes) -> str:
        found = {name: commit for commit, _, name in (line.partition("\t") for line in os.fsdecode(out).splitlines())}
        tag = f"refs/tags/{self.ref}"
        for name in (f"refs/heads/{self.ref}", f"{tag}^{{}}", tag):
            if name in found:
                self._named = name.removesuffix("^{}")
                return found[name]
        raise BranchGoneError(f"the remote has no branch or tag `{self.ref}`")

    @contextmanager
    def _access(self) -> Iterator[tuple[str, dict[str, str]]]:
        """The URL, and the variables with which Git may read it; files that they name stay until the end.

        Airflow's hook puts them into this process's environment, where every parse would inherit them: taken out.
        """
        before = dict(os.environ)
        hook: Any = self.configured.hook
        with hook.configure_hook_env() if hook else nullcontext():
            inside = {**os.environ, **(hook.env if hook else {})}
            _restore(before)
            added = {name: value for name, value in inside.items() if before.get(name) != value}
            if "GIT_SSH_COMMAND" in inside:
                added["GIT_SSH_COMMAND"] = f"{inside['GIT_SSH_COMMAND']} {STALLED_SSH}"
            yield str(self.configured.repo_url), {**STALLED, **added}

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Whatever goes wrong, also in looking the connection up, is one kind of error here."""
        try:
            yield
        except (BranchGoneError, RemoteError):
            raise
        except Exception as error:
            self._known = None
            text = str(error) if isinstance(error, GitError) else f"{type(error).__name__}: {error}"
            raise RemoteError(text) from error


def _restore(before: dict[str, str]) -> None:
    for name in os.environ.keys() - before.keys():
        del os.environ[name]
    os.environ.update({name: value for name, value in before.items() if os.environ.get(name) != value})
