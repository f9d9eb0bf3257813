"""What a bundle keeps on disk: the commits, one checkout of what is followed, one folder for each version that ran.

The layout is that of Airflow's `GitDagBundle`, so either can take over from the other. Whatever is made anew is made
beside its place and moved there when it is whole. Whoever writes holds the bundle's lock, so a lock file of Git's own
that is found then was left by a process that was killed.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mergeflow.airflow.bundle.remote import CLONE, Remote, RemoteError
from mergeflow.airflow.git import GitError, git

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SPARE = 32 * 2**20
"""Bytes that must be free before a checkout is moved: one that ends half-way loses files of DAGs."""


MAKING = "making-"
ABANDONED = 2 * CLONE
"""Seconds after which nobody can still be at work on a folder that is being made."""


class CloneError(Exception):
    """The disk is full, or what is on it cannot be written or read. The message is one line."""


class Clone:
    """A repository's copy below the folder `base`.

    `lock` is the descriptor of the lock that this process holds, for Git to inherit; `finish` adds to a version what
    its commit lacks.
    """

    def __init__(self, base: Path, branch: str, finish: Callable[[Path], None] = lambda _: None) -> None:
        self.base = base
        self.branch = branch
        self.bare = base / "bare"
        self.checkout = base / "tracking_repo"
        self.versions = base / "versions"
        self.lock: int | None = None
        self._finish = finish

    def head(self) -> str | None:
        """Return the commit that is checked out, or None without a checkout."""
        return self._said(f"--git-dir={self.checkout / '.git'}", "rev-parse", "--verify", "-q", "HEAD")

    def commit(self, name: str) -> str | None:
        """Return the commit of that name among those fetched; None also where a fetch has ended before it was whole."""
        where, peeled = f"--git-dir={self.bare}", f"{name}^{{commit}}"
        commit = self._said(where, "rev-parse", "--verify", "-q", "--end-of-options", peeled)
        if commit and self._said(where, "rev-list", "--objects", "--quiet", commit, "--not", "--all") is None:
            return None
        return commit

    def fetch(self, remote: Remote, *, everything: bool = False) -> None:
        """Fetch what is followed, or every branch and tag; where there is no sound repository, make one.

        Raises:
            RemoteError: the remote cannot be reached.
            CloneError: there is no room.
        """
        self._check_space()
        if not self.bare.exists():
            self._make_bare(remote, everything=everything)
            return
        _unlock(self.bare)
        try:
            remote.fetch(self.bare, self.lock, everything=everything)
        except RemoteError:
            if not self.mend(remote):
                raise

    def mend(self, remote: Remote) -> bool:
        """Fetch all anew where what was fetched is damaged, as after a power failure; False where it is sound."""
        try:
            git(f"--git-dir={self.bare}", "fsck", "--no-dangling")
        except GitError:
            self._make_bare(remote, everything=True)
            return True
        return False

    def move(self, commit: str) -> None:
        """Check a commit out, or leave everything as it was.

        Raises:
            CloneError: it cannot be written, or was not fetched.
        """
        self._check_space()
        before = self.head()
        try:
            if before is not None:
                try:
                    self._reset(self.checkout, commit)
                except GitError:
                    if before == commit or self._goes_back(before):
                        raise
                    before = None
            if before is None:
                self._make_checkout(commit)
        except (GitError, OSError) as error:
            raise CloneError(f"{commit} cannot be checked out: {error}") from error

    def restore(self, commit: str) -> None:
        """Check a commit out after a process that may have been killed, and remove what it left behind."""
        self.move(commit)
        with suppress(GitError):
            self._inside("clean", "-q", "-ffd")
        for left in self.base.glob(f"{MAKING}*"):
            with suppress(OSError):
                if time.time() - left.stat().st_mtime > ABANDONED:
                    shutil.rmtree(left) if left.is_dir() else left.unlink()

    def version(self, name: str) -> Path:
        """Return the folder of a version, whether or not it is there."""
        return self.versions / name

    def has_version(self, name: str) -> bool:
        """Tell whether a version's folder is whole; one that still is a repository was left half-made."""
        folder = self.version(name)
        return folder.is_dir() and not (folder / ".git").exists()

    def drop_half_made(self, name: str) -> None:
        """Remove a version's folder that was left half-made; only under the lock."""
        if (self.version(name) / ".git").exists():
            shutil.rmtree(self.version(name), ignore_errors=True)

    def make_version(self, name: str) -> None:
        """Write a version's folder from what was fetched; other processes may do so at the same time.

        Raises:
            CloneError: it cannot be written, or was not fetched.
        """
        place = self.version(name)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with self._beside() as made:
                where = (f"--git-dir={self.bare}", f"--work-tree={made}")
                variables = {"GIT_INDEX_FILE": f"{made}.index"}
                git(*where, "read-tree", "--reset", "-u", f"{name}^{{commit}}", variables=variables)
                self._finish(made)
                try:
                    made.rename(place)
                except OSError:
                    if not self.has_version(name):
                        raise
        except (GitError, OSError) as error:
            raise CloneError(f"version {name} cannot be written: {error}") from error

    def changed(self, before: str, after: str) -> list[str]:
        """Return the paths that differ between two commits, for a rename both of them; raises GitError."""
        compare = ("diff", "--name-only", "-z", "--no-renames", before, after)
        out = git(f"--git-dir={self.bare}", *compare)
        return [os.fsdecode(name) for name in out.split(b"\0") if name]

    def settle(self) -> None:
        """Let Git know of new mtimes: it would write such a file once more at the next checkout."""
        _unlock(self.checkout / ".git")
        with suppress(GitError):
            self._inside("update-index", "-q", "--refresh")

    def _said(self, *arguments: str) -> str | None:
        try:
            out = git(*arguments)
        except GitError:
            return None
        return os.fsdecode(out).strip()

    def _inside(self, *arguments: str) -> None:
        """Git must be told where its repository is: it would take the next one above for a broken one."""
        where = (f"--git-dir={self.checkout / '.git'}", f"--work-tree={self.checkout}")
        git(*where, *arguments, lock=self.lock)

    def _check_space(self) -> None:
        self.base.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self.base).free < SPARE:
            raise CloneError(f"less than {SPARE // 2**20} MiB are free in {self.base}")

    def _make_bare(self, remote: Remote, *, everything: bool) -> None:
        with self._beside() as made:
            git("init", "-q", "--bare", "--template=", "-b", self.branch, made)
            # Not used here, but by who takes over; a password would be readable for the authors of DAGs.
            url = re.sub(r"^(https?://)[^/]*@", r"\1", str(remote.configured.repo_url))
            git(f"--git-dir={made}", "remote", "add", "origin", url)
            remote.fetch(made, self.lock, everything=everything, limit=CLONE)
            self._put(made, self.bare)

    def _make_checkout(self, commit: str) -> None:
        with self._beside() as made:
            git("init", "-q", "--template=", "-b", self.branch, made)
            git(f"--git-dir={made / '.git'}", "remote", "add", "origin", self.bare)
            self._reset(made, commit)
            self._put(made, self.checkout)

    def _reset(self, checkout: Path, commit: str) -> None:
        inside = checkout / ".git"
        _unlock(inside)
        borrowing = inside / "objects" / "info" / "alternates"
        lender = f"{os.path.relpath(self.bare / 'objects', inside / 'objects')}\n"
        if not borrowing.exists() or borrowing.read_text() != lender:
            borrowing.parent.mkdir(parents=True, exist_ok=True)
            borrowing.write_text(lender)
        git(f"--git-dir={inside}", f"--work-tree={checkout}", "reset", "-q", "--hard", commit, lock=self.lock)

    def _goes_back(self, before: str) -> bool:
        """Undo what a failed move has written; False when the checkout itself is broken."""
        try:
            self._reset(self.checkout, before)
        except (GitError, OSError):
            return False
        return True

    @contextmanager
    def _beside(self) -> Iterator[Path]:
        """A new folder, as deep as those it may replace, that is removed when nothing has moved it to its place."""
        made = self.base / f"{MAKING}{os.getpid()}-{time.monotonic_ns()}"
        self.base.mkdir(parents=True, exist_ok=True)
        made.mkdir()
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)
            Path(f"{made}.index").unlink(missing_ok=True)

    def _put(self, made: Path, place: Path) -> None:
        with self._beside() as aside:
            with suppress(FileNotFoundError):
                place.rename(aside / "before")
            made.rename(place)


def _unlock(repository: Path) -> None:
    """Remove lock files; those of objects are Git's own maintenance, and stop nobody."""
    for folder, folders, names in os.walk(repository):
        if folder == str(repository):
            folders[:] = [each for each in folders if each != "objects"]
        for name in names:
            if name.endswith(".lock"):
                with suppress(OSError):
                    Path(folder, name).unlink()
