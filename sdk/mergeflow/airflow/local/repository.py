"""Which Git repository and branch a local Airflow follows."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DAGS = "dags"
GIT_TIMEOUT = 20.0  # seconds; an unreachable remote must not look like a hanging command


class RepositoryError(Exception):
    """There is nothing to follow. The message is one sentence."""


DEFAULT_BRANCH = "main"
"""What is followed when nobody names a branch, and what a repository may lack on its first day."""


@dataclass(frozen=True)
class Source:
    """What is followed: a branch of a repository, or, where `branch` is None, the files in a folder.

    `location` is an absolute path or a URL. `prefix` is the project's folder inside the repository, `""` or
    ending in `/`. `notice` says in one line why this is not what was asked for.
    """

    location: str
    branch: str | None = None
    prefix: str = ""
    notice: str | None = None

    @property
    def follows_git(self) -> bool:
        """Whether a merge is what changes the DAGs."""
        return self.branch is not None

    @property
    def bundle_name(self) -> str:
        """The bundle's name in Airflow."""
        return "repository" if self.follows_git else "working-tree"

    @property
    def root(self) -> Path | None:
        """The project's folder on this machine, or None for a URL."""
        return None if is_url(self.location) else Path(self.location, self.prefix)

    @property
    def label(self) -> str:
        """What a person calls it."""
        place = self.location if is_url(self.location) else Path(self.location).name
        return f"{self.branch} of {place}" if self.follows_git else f"the files in {place}"

    def bundle(self, refresh_interval: int) -> dict[str, Any]:
        """Return this source as one entry of Airflow's `dag_bundle_config_list`."""
        if self.branch is None:
            classpath = "airflow.dag_processing.bundles.local.LocalDagBundle"
            kwargs: dict[str, Any] = {"path": str(Path(self.location, self.prefix, DAGS))}
        else:
            classpath = "mergeflow.airflow.bundle.ConfigBundle"
            kwargs = {"repo_url": self.location, "tracking_ref": self.branch, "subdir": self.prefix + DAGS}
        kwargs["refresh_interval"] = refresh_interval
        return {"name": self.bundle_name, "classpath": classpath, "kwargs": kwargs}

    def tip(self) -> str | None:
        """Return the followed branch's commit; None without a branch, or when it cannot be asked for now."""
        if self.branch is None:
            return None
        try:
            lines = git("ls-remote", self.location, f"refs/heads/{self.branch}").split()
        except RepositoryError:
            return None
        return lines[0] if lines else None


def choose(start: Path, repo: str | None, branch: str, *, working_tree: bool = False) -> Source:
    """Return what to follow from the folder `start`.

    A repository named by `repo` must exist and have the branch (`RepositoryError`). This folder's own may
    lack both on its first day: then its files are followed, and `notice` says so.
    """
    if repo is not None and is_url(repo):
        if working_tree:
            raise RepositoryError("--working-tree follows files on this machine, --repo names a URL")
        return _with_branch(Source(repo, branch))
    folder = start if repo is None else Path(start, repo).expanduser()
    if not folder.is_dir():
        raise RepositoryError(f"{repo} is neither a folder nor a URL")
    folder = folder.resolve()
    try:
        top, prefix = _top(folder)
    except RepositoryError:
        if repo is not None and not working_tree:
            raise
        return _files(folder, "" if working_tree else "this folder is not a Git repository")
    if working_tree:
        return _files(Path(top, prefix))
    try:
        return _with_branch(Source(str(top), branch, prefix))
    except RepositoryError as error:
        if repo is not None or branch != DEFAULT_BRANCH:
            raise
        return _files(Path(top, prefix), str(error))


def is_url(location: str) -> bool:
    """Tell a Git URL, also in the short form `git@host:path`, from a path."""
    return bool(re.match(r"[a-z][a-z0-9+.-]*://|[^/\\:]+@[^/\\:]+:", location, re.IGNORECASE))


def git(*arguments: str, folder: Path | None = None) -> str:
    """Run Git without prompts and return its output.

    Raises:
        RepositoryError: Git is missing, failed or took longer than `GIT_TIMEOUT`.
    """
    where = [] if folder is None else ["-C", str(folder)]
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["git", *where, *arguments],  # noqa: S607 (the user's own Git)
            capture_output=True,
            check=False,
            env=environment,
            stdin=subprocess.DEVNULL,
            timeout=GIT_TIMEOUT,
        )
    except FileNotFoundError:
        raise RepositoryError("Git is not installed") from None
    except subprocess.TimeoutExpired:
        raise RepositoryError(f"git {arguments[0]} took longer than {GIT_TIMEOUT:.0f} s") from None
    if done.returncode:
        said = os.fsdecode(done.stderr).strip().splitlines()
        raise RepositoryError(said[0].removeprefix("fatal: ") if said else f"git {arguments[0]} failed")
    return os.fsdecode(done.stdout)


def _top(folder: Path) -> tuple[Path, str]:
    if git("rev-parse", "--is-bare-repository", folder=folder).strip() == "true":
        return folder, ""
    top = git("rev-parse", "--show-toplevel", folder=folder).rstrip("\n")
    return Path(top), git("rev-parse", "--show-prefix", folder=folder).rstrip("\n")


def _with_branch(source: Source) -> Source:
    if not git("ls-remote", source.location, f"refs/heads/{source.branch}").strip():
        place = source.location if is_url(source.location) else "this repository"
        raise RepositoryError(f"{place} has no commit on a branch {source.branch}")
    return source


def _files(root: Path, why: str = "") -> Source:
    notice = f"{why}: following the files as they are, without commits" if why else None
    return Source(str(root), notice=notice)
