"""The last commit that touched each config: the bundle notes it beside the checkout, the docs of DAGs name it.

HEAD's commit would change the docs of every DAG at every merge, and Airflow would store a new version of each. So a
DAG's docs name the commit of its own file. To ask Git for it takes a second for a long history, so the bundle asks once
and adds what each merge brings; whoever parses only reads a file, which is not there where Git or the bundle is not.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from mergeflow.airflow.git import GitError, git
from mergeflow.airflow.links import Remote, remote_of
from mergeflow.files import CONFIGS

NOTES = "mergeflow-history.json"
"""Inside of `.git`, where it is nobody's file and lives as long as the checkout."""

MOST_COMMITS = 30_000
"""So many commits of the followed branch are looked at, which takes two seconds; older files name no commit."""

PATIENCE = 30.0
"""Seconds that Git may take."""

log = structlog.get_logger(__name__)


class History(NamedTuple):
    """What is known of a checkout: its repository, where in it the project is, and each file's last commit."""

    remote: Remote | None
    folder: str
    """Empty, or with a slash at its end."""
    commits: Mapping[str, str]

    def commit_of(self, path: str) -> str:
        """The last commit that touched a file of the project; empty where that is not known."""
        return self.commits.get(self.folder + path, "")


NO_HISTORY = History(None, "", {})


def note(checkout: Path, head: str, folder: str, url: str | None) -> None:
    """Bring the notes of a checkout up to its commit `head`; without notes, and a warning, where Git cannot tell.

    `folder` is where in the checkout the project is: empty, `.`, or a path. Of the remote's `url` only the host and
    the repository are kept, and nothing of an unknown host; without a `url` what was noted before.
    """
    notes, below = checkout / ".git" / NOTES, f"{folder}/" if folder not in ("", ".") else ""
    remote = remote_of(_data(notes).get("remote", "") if url is None else url)
    about = {"version": 1, "head": head, "folder": below, "remote": remote.address if remote else ""}
    begins = json.dumps(about).removesuffix("}") + ', "commits": '
    try:
        if not _begins(notes, begins):
            places = f"{below}{CONFIGS}"
            commits = _up_to(checkout, head, places, _kept(notes, below))
            there = _git(checkout, "ls-files", "-z", "--", places).split("\0")
            listed = json.dumps({path: commits[path] for path in there if path in commits}, separators=(",", ":"))
            _replace(notes, f"{begins}{listed}}}\n")
    except (GitError, OSError, ValueError) as error:
        _warn(str(checkout), str(error))
        with suppress(OSError):
            notes.unlink(missing_ok=True)


def noted(project: Path) -> History:
    """What the notes of the checkout that a project is in say; nothing where there are none."""
    place = _place(project)
    if place is None:
        return NO_HISTORY
    notes, folder = place
    try:
        found = os.stat(notes)  # noqa: PTH116 - asked for each DAG of a stub
    except OSError:
        return NO_HISTORY
    return _read(notes, folder, found.st_mtime_ns, found.st_ino)


@lru_cache(maxsize=1)
def _place(project: Path) -> tuple[str, str] | None:
    """Where the notes of a project's checkout would be, and where in it the project is; none without a checkout."""
    for folder in (project, *project.parents):
        if (folder / ".git").exists():
            below = project.relative_to(folder).as_posix()
            return str(folder / ".git" / NOTES), "" if below == "." else f"{below}/"
    return None


@lru_cache(maxsize=1)
def _read(notes: str, folder: str, *_: int) -> History:
    """Read once per state of the file: a stub makes the docs of many DAGs."""
    data = _data(Path(notes))
    return History(remote_of(data.get("remote", "")), folder, data.get("commits", {}))


def _data(notes: Path) -> dict[str, Any]:
    """What the notes hold; nothing where they are not there, torn or of another version."""
    try:
        data = json.loads(notes.read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(data, dict) or data.get("version") != 1:
        return {}
    shapes = {"head": str, "folder": str, "remote": str, "commits": dict}
    return data if all(isinstance(data.get(key), shape) for key, shape in shapes.items()) else {}


def _kept(notes: Path, folder: str) -> tuple[str, dict[str, str]]:
    """The commit that the notes are of, and what they say; nothing where they are about another folder."""
    data = _data(notes)
    return (data.get("head", ""), data.get("commits", {})) if data.get("folder") == folder else ("", {})


def _up_to(checkout: Path, head: str, places: str, kept: tuple[str, dict[str, str]]) -> dict[str, str]:
    """Each file's last commit, from what was known of an ancestor of `head`, or from the whole history."""
    known, commits = kept
    if _git(checkout, "rev-parse", "--is-shallow-repository").strip() == "true":
        raise ValueError("the clone is shallow")
    if known and _is_ancestor(checkout, known, head):
        return {**commits, **dict(_touched(checkout, f"{known}..{head}", places))}
    oldest = ("rev-list", "--first-parent", "--max-count=1", f"--skip={MOST_COMMITS}", head)
    beyond = _git(checkout, *oldest).strip()
    return dict(_touched(checkout, f"{beyond}..{head}" if beyond else head, places))


def _touched(checkout: Path, commits: str, places: str) -> Iterator[tuple[str, str]]:
    """Each path with a commit that touched it, the last commit last; a merge touches what it brings to the branch."""
    shown = ("--reverse", "--first-parent", "-m", "--name-only", "-z", "--format=%x01%H")
    plain = ("--root", "--no-follow", "--no-renames", "--no-ext-diff", "--no-show-signature", "--no-relative")
    commit = ""
    for part in _git(checkout, "log", *shown, *plain, commits, "--", places).split("\0"):
        if part.startswith("\x01"):
            commit = part[1:]
        elif part:
            yield part.removeprefix("\n"), commit


def _is_ancestor(checkout: Path, commit: str, head: str) -> bool:
    try:
        _git(checkout, "merge-base", "--is-ancestor", commit, head)
    except GitError:  # also where a force-push took the commit away
        return False
    return True


def _git(checkout: Path, *arguments: str) -> str:
    return os.fsdecode(git(f"--git-dir={checkout / '.git'}", "--literal-pathspecs", *arguments, limit=PATIENCE))


def _begins(notes: Path, text: str) -> bool:
    """Whether the notes are up to date, without reading what they say of ten thousand files."""
    try:
        with notes.open("rb") as file:
            return file.read(len(text)) == text.encode()
    except FileNotFoundError:
        return False


def _replace(notes: Path, text: str) -> None:
    """Whoever reads meanwhile finds the old notes or the new ones."""
    written = notes.with_name(f"{NOTES}.{os.getpid()}")
    try:
        written.write_text(text)
        written.replace(notes)
    finally:
        written.unlink(missing_ok=True)


@lru_cache(maxsize=8)
def _warn(checkout: str, reason: str) -> None:
    """Once in a process for each reason, and not at every merge."""
    log.warning("the docs of DAGs name no commit", checkout=checkout, reason=reason)
