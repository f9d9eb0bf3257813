"""The Git bundle that tells the dag-processor about a merge at once, and keeps what it has when it cannot get more."""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import structlog
from airflow.dag_processing.bundles.base import BaseDagBundle, BundleVersion

from mergeflow.airflow.bundle.clone import Clone, CloneError
from mergeflow.airflow.bundle.linked import names_through_links
from mergeflow.airflow.bundle.lock import held
from mergeflow.airflow.bundle.outage import Outage
from mergeflow.airflow.bundle.parses import Parses
from mergeflow.airflow.bundle.pinned import find, make_version
from mergeflow.airflow.bundle.remote import ANSWER, BranchGoneError, Remote, RemoteError
from mergeflow.airflow.bundle.stand_ins import add_stand_ins
from mergeflow.airflow.bundle.touched import Touched, put_last
from mergeflow.airflow.git import GitError
from mergeflow.airflow.stubs import CONFIG_ERRORS, stubs_below, stubs_of_tests, stubs_to_touch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from airflow.providers.git.bundles.git import GitDagBundle

PATIENCE = 1.0
"""Seconds that a refresh waits for the remote's answer; a later one is picked up at the next refresh."""

GLANCE = 0.05
"""Seconds that this takes when there still is none."""

PAUSE = 30.0
"""Seconds until a checkout that could not be written is tried again; a remote is asked at every refresh."""

log = structlog.get_logger(__name__)


class ConfigBundle(BaseDagBundle):
    """A branch of a Git repository: Airflow's `GitDagBundle`, quicker and harder to stop.

    * After a refresh, stubs whose inputs changed look newly written. The dag-processor parses a file again when
      `min_file_process_interval` has passed, or, in the sort mode `modified_time`, as soon as its mtime is newer than
      its last parse. A stub does not change when the YAML that it reads does, so this bundle updates the mtime of just
      those stubs, and the interval can be hours.
    * What cannot be fetched or written leaves the last good state in place. That is logged when it begins and when it
      is over, and never raised, unless there is nothing yet.
    * A worker whose version is on disk needs neither the connection nor Git.

    What was last seen is kept per process, not on disk: a new dag-processor parses everything anyway, and a
    checkout moved by another process (a worker that starts an unversioned run) must not hide a change.
    """

    supports_versioning = True

    def __init__(
        self,
        *,
        tracking_ref: str,
        subdir: str | None = None,
        git_conn_id: str | None = None,
        repo_url: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Take the arguments of `GitDagBundle`, but for submodules, sparse checkouts and unpruned versions."""
        super().__init__(**kwargs)
        self.tracking_ref = tracking_ref
        self.subdir = subdir
        where = {"tracking_ref": tracking_ref, "subdir": subdir, "git_conn_id": git_conn_id, "repo_url": repo_url}
        self._settings: dict[str, Any] = {**kwargs, **where}
        self._clone = Clone(self.base_dir, tracking_ref, lambda made: add_stand_ins(made / self._root))
        self._remote = Remote(self._airflows, tracking_ref)
        self._outage = Outage(log, self.name)
        self._seen: str | None = None
        self._touched = Touched(self._settle)
        self._parses = Parses()

    @property
    def path(self) -> Path:
        """The folder of the stubs."""
        return self.repo_path / (self.subdir or "")

    @property
    def repo_path(self) -> Path:
        """The repository's root: of this version, or of what is followed."""
        return self._clone.version(self.version) if self.version else self._clone.checkout

    @property
    def _root(self) -> PurePosixPath:
        """Where in the repository the project is: the folder that holds `dags/`."""
        return PurePosixPath(self.subdir or ".").parent

    def initialize(self) -> None:
        """Put the files on disk; without a remote, those that are there already serve.

        Raises:
            RuntimeError: there are none.
        """
        if self.version:
            if not self._clone.has_version(self.version):
                self._make_version(self.version)
        else:
            self._start()
        super().initialize()

    def refresh(self) -> None:
        """Fetch and check out what is followed, then touch the stubs that read what changed."""
        if self.version:
            raise RuntimeError("a version of a bundle cannot be refreshed")
        before = self._seen
        self._follow(GLANCE if self._remote.asks else PATIENCE)
        if self._seen and before and self._seen != before:
            self._touch_readers(before, self._seen)
        else:
            self._touched.again()

    def get_current_version(self) -> BundleVersion:
        """Return the commit that this process has last checked out."""
        version = self.version or self._seen or self._clone.head()
        if version is None:
            raise RuntimeError(f"bundle {self.name} is not initialized")
        return BundleVersion(version=version)

    def view_url_template(self) -> str | None:
        """Return the address of a version's files, where the host is known."""
        return self._remote.configured.view_url_template()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Airflow's lock of this bundle's folder, which Git's processes inherit."""
        if self._locked:
            yield
            return
        with held(self.base_dir.parent / f"_locks/{self.name}.lock") as descriptor:
            self._locked, self._clone.lock = True, descriptor
            try:
                yield
            finally:
                self._locked, self._clone.lock = False, None

    def _airflows(self) -> GitDagBundle:
        """Airflow's bundle knows the connection; importing it imports much."""
        from airflow.providers.git.bundles.git import GitDagBundle

        return GitDagBundle(**self._settings)

    def _make_version(self, version: str) -> None:
        try:
            make_version(version, self._clone, self._remote, self.lock, self._outage)
        except (RemoteError, CloneError) as error:
            raise RuntimeError(f"bundle {self.name} has no version {version}: {error}") from error

    def _start(self) -> None:
        with self.lock():
            self._follow(ANSWER)
            if self._seen is None:
                self._stay()
            # It shows what the stubs have found.
            put_last(self.path / CONFIG_ERRORS, {self.path / name for name in stubs_below(self.path)})
            self._settle()

    def _stay(self) -> None:
        """Come up with what is on disk: the checkout, or else what was fetched."""
        found = self._clone.head() or self._clone.commit(f"refs/heads/{self.tracking_ref}")
        if found is None:
            raise RuntimeError(f"bundle {self.name} cannot be fetched: {self._outage.reason}")
        try:
            self._clone.restore(found)
        except CloneError as error:
            if not self.path.is_dir():
                raise RuntimeError(f"bundle {self.name}: {error}") from error
        self._seen = found
        self._note(None)

    def _follow(self, patience: float) -> None:
        """Move to the remote's commit; stay where anything is in the way."""
        if self._outage.pauses:
            return
        try:
            tip = self._tip(patience)
            if tip is not None:
                if self._may_move(tip):
                    with self.lock():
                        self._move(tip)
                self._outage.ends()
        except BranchGoneError as error:
            self._outage.begins("branch", error)
        except RemoteError as error:
            self._outage.begins("remote", error)
        except (CloneError, GitError, OSError) as error:
            # To undo a checkout that failed writes stubs, and each such try would be a parse.
            self._outage.begins("disk", error, pause=PAUSE)

    def _may_move(self, tip: str) -> bool:
        """Whether there is something to check out, and no parse that would count as of what it has not read."""
        if self._seen is None or not self._clone.checkout.exists():
            return True
        return tip != self._seen and not self._parses.hold()

    def _tip(self, patience: float) -> str | None:
        try:
            return self._remote.tip(patience)
        except BranchGoneError:
            # `tracking_ref` may also be a commit, which no remote lists.
            if not re.fullmatch("[0-9a-f]{7,40}", self.tracking_ref):
                raise
            with self.lock():
                commit = find(self.tracking_ref, self._clone, self._remote)
            if commit is None:
                raise
            return commit

    def _move(self, tip: str) -> None:
        if self._seen is not None and self._clone.head() != self._seen:
            # Another process has moved it since, maybe to what is newer than our answer.
            tip = self._tip(ANSWER) or tip
        if self._clone.commit(tip) is None:
            self._clone.fetch(self._remote)
            if self._clone.commit(tip) is None:
                return  # a forced push in between: the next answer is another
        move = self._clone.restore if self._seen is None else self._clone.move
        try:
            move(tip)
        except CloneError:
            if not self._clone.mend(self._remote):
                raise
            move(tip)
        self._seen = tip
        self._note(str(self._remote.configured.repo_url))

    def _note(self, url: str | None) -> None:
        """Let the stubs know each file's last commit, which the docs of its DAGs name."""
        from mergeflow.airflow.history import note  # which no worker of a version needs

        if self._seen is not None:
            note(self._clone.checkout, self._seen, str(self._root), url)

    def _touch_readers(self, before: str, head: str) -> None:
        stubs = stubs_below(self.path)
        changed = self._changed(before, head)
        # A team whose stub has gone with it is still a team, and no reason to parse all others.
        known = stubs | {path.removeprefix("dags/") for path in changed or () if path.startswith("dags/")}
        readers = stubs if changed is None else stubs_to_touch(changed, known) | stubs_of_tests(changed, self.path)
        names = readers & stubs
        log.info("bundle moved", bundle=self.name, before=before, head=head, stubs=sorted(names))
        self._touched.add({self.path / name for name in names})

    def _settle(self) -> None:
        with suppress(OSError), self.lock():
            self._clone.settle()

    def _changed(self, before: str, head: str) -> list[str] | None:
        """Return the changed paths below the project's root, or None when Git cannot tell."""
        try:
            changed = self._clone.changed(before, head)
            linked = names_through_links(self._clone.checkout, changed)
        except GitError as error:
            log.warning("cannot compare, every stub is parsed", before=before, head=head, error=str(error))
            return None
        paths = [PurePosixPath(name) for name in (*changed, *linked)]
        return [str(path.relative_to(self._root)) for path in paths if path.is_relative_to(self._root)]
