"""Airflow's Git bundle, which tells the dag-processor about a merge at once."""

from __future__ import annotations

import os
from contextlib import nullcontext, suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import psutil  # type: ignore[import-untyped]
import structlog
from airflow.providers.git.bundles.git import GitDagBundle
from git.exc import GitCommandError

from mergeflow.airflow.stubs import stubs_to_touch

if TYPE_CHECKING:
    from collections.abc import Collection

    from git import Repo

__all__ = ["ConfigBundle", "stubs_to_touch"]

log = structlog.get_logger(__name__)


class ConfigBundle(GitDagBundle):
    """`GitDagBundle`, plus one thing: after a refresh, stubs whose inputs changed look newly written.

    The dag-processor parses a file again when `min_file_process_interval` has passed, or, in the sort mode
    `modified_time`, as soon as its mtime is newer than its last parse. A stub does not change when the YAML
    that it reads does, so this bundle updates the mtime of just those stubs, and the interval can be hours.

    What was last seen is kept per process, not on disk: a new dag-processor parses everything anyway, and a
    checkout moved by another process (a worker that starts an unversioned run) must not hide a change.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._seen: str | None = None
        self._touched: set[Path] = set()
        self._parsing: set[psutil.Process] = set()

    def refresh(self) -> None:
        """Fetch and check out the tracked branch, then touch the stubs that read what changed."""
        with self.lock():
            if self._seen is None or self._seen != self._tip():
                super().refresh()
            head = self._checkout().head.commit.hexsha
            before, self._seen = self._seen, head
            if before is not None and before != head:
                self._touch_readers(before, head)
            else:
                self._touch_again()
            self._checkout().close()

    def _tip(self) -> str | None:
        """Ask the remote for the branch's commit: a third of the cost of the two fetches in a refresh."""
        env = self.hook.env if self.hook else {}
        ssh = {name: value for name, value in env.items() if name == "GIT_SSH_COMMAND"}
        with (
            self.hook.configure_hook_env() if self.hook else nullcontext(),
            self.bare_repo.git.custom_environment(**ssh),
            suppress(GitCommandError),
        ):
            said = str(self.bare_repo.git.ls_remote("origin", f"refs/heads/{self.tracking_ref}"))
            return said.partition("\t")[0] or None
        # Not reachable: let the refresh say so.
        return None

    def _checkout(self) -> Repo:
        if self.repo is None:  # only a bundle of one version lets go of it, and that is never refreshed
            raise RuntimeError(f"bundle {self.name} has no tracking checkout")
        return self.repo

    def _touch_readers(self, before: str, head: str) -> None:
        stubs = {path.name for path in self.path.glob("*.py")}
        changed = self._changed(before, head)
        names = set(stubs) if changed is None else stubs_to_touch(changed, stubs)
        log.info("bundle moved", bundle=self.name, before=before, head=head, stubs=sorted(names))
        # A parse that began before the merge ends after this touch, which makes it count as the newer one,
        # although it read the old files. So its stub is touched once more as soon as that parse is over.
        self._checkout().close()  # ends GitPython's own child
        self._parsing = set(psutil.Process().children())
        self._touched = self._touched | {self.path / name for name in names}
        self._touch(self._touched)
        if not self._parsing:
            self._touched = set()

    def _touch_again(self) -> None:
        if self._touched and not any(process.is_running() for process in self._parsing):
            self._touch(self._touched)
            self._touched, self._parsing = set(), set()

    def _touch(self, paths: Collection[Path]) -> None:
        for path in paths:
            # Gone, or no file any more: Airflow notices that by itself.
            with suppress(FileNotFoundError, NotADirectoryError):
                os.utime(path)
        # Without this, Git takes a new mtime for a changed file, and the next refresh writes it once more.
        with suppress(GitCommandError):
            self._checkout().git.update_index("-q", "--refresh")

    def _changed(self, before: str, head: str) -> list[str] | None:
        """Return the changed paths below the project's root, or None when Git cannot tell."""
        try:
            git = self._checkout().git
            out = git.diff("--name-only", "-z", "--no-renames", before, head, stdout_as_string=False)
        except GitCommandError as error:
            log.warning("cannot compare, every stub is parsed", before=before, head=head, error=str(error))
            return None
        paths = [PurePosixPath(os.fsdecode(name)) for name in out.split(b"\0") if name]
        root = PurePosixPath(self.subdir or ".").parent
        return [str(path.relative_to(root)) for path in paths if path.is_relative_to(root)]
