"""A directory, or a Git revision, as a mapping from path to content. Nothing here looks into a file."""

import errno
import os
import stat
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mergeflow.plain_yaml import MAX_BYTES

CONFIG_SUFFIXES = (".yaml", ".yml")
CONFIGS = "configs"
TEMPLATES = f"{CONFIGS}/templates"
ENVIRONMENTS = f"{CONFIGS}/environments"
TABLE_SUFFIX = ".csv"
"""Of a file that holds items for a `for_each`, and is no YAML."""
DECLARING = (*CONFIG_SUFFIXES, TABLE_SUFFIX)
POLICY = "validators/policy.yaml"
SUITES = "validators/expectations"
SAMPLES = "validators/samples"
"""Data, for tests: never read here, and never by a check."""
DECLARED = (CONFIGS, SUITES, POLICY)
"""Where a repository declares what it wants: two folders and a file."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that is there and cannot be read, with the reason."""

    reason: str


Files = Mapping[str, bytes | Unreadable]
"""Content by path; paths are relative to the repository's root and have forward slashes."""


class RevisionError(Exception):
    """A Git revision that cannot be read; its text is one sentence for the user."""


def from_directory(root: Path, *places: str) -> Files:
    """Every config file below these places (none given: below all that declare something), in sorted order."""
    return {path: read(root, path) for path in config_paths(root, *places)}


def config_paths(root: Path, *places: str) -> list[str]:
    """The paths of every config file there, and of what cannot be looked into: linked folders, closed ones."""
    return sorted(path for place in places or DECLARED for path in _walk(root, place))


def read(root: Path, path: str) -> bytes | Unreadable:
    """One file's content; at most one byte more than a config may have."""
    try:
        return _content(f"{root}/{path}", os.O_NOFOLLOW)
    except OSError as error:
        if error.errno != errno.ELOOP:
            return Unreadable(f"{error.strerror}".lower())
    return _linked_content(root, root / path)


def from_revision(root: Path, revision: str, *places: str, suffixes: tuple[str, ...] = DECLARING) -> Files:
    """Every config file below these places (none given: all that declare something) as `revision` has it.

    Nothing is checked out. Raises RevisionError.
    """
    listed = entries(root, revision, *(places or DECLARED))
    files = [(meta, path) for meta, path in listed if " blob " in meta]
    wanted = {path: meta.split()[2] for meta, path in files if path.endswith(suffixes)}
    links = {path for meta, path in listed if meta.startswith("120000")}
    contents = _blobs(root, wanted.values())
    return {
        path: _linked(root, revision, path) if path in links else contents[blob][: MAX_BYTES + 1]
        for path, blob in sorted(wanted.items())
    }


def entries(root: Path, revision: str, *places: str) -> list[tuple[str, str]]:
    """Every file, link and submodule below these places: what Git says of it, which begins with its mode, and its path.

    Raises RevisionError.
    """
    listing = _git(root, "ls-tree", "-r", "-z", revision, "--", *places)
    pairs = (entry.partition("\t") for entry in listing.decode("utf-8", "surrogateescape").split("\0") if entry)
    return [(meta, path) for meta, _, path in pairs]


def merge_base(root: Path, base: str, head: str) -> str:
    """The commit at which two revisions parted; `base` itself when they share no history. Raises RevisionError."""
    for revision in (base, head):
        commit_of(root, revision)
    try:
        return _git(root, "merge-base", base, head).decode().strip()
    except RevisionError:
        return base


def changed_since(root: Path, commit: str) -> list[str]:
    """The paths that differ between a commit and the working tree: also new ones, staged ones and those that are gone.

    What Git is told to ignore is left out. Raises RevisionError.
    """
    differing = ("diff", "--name-only", "--no-renames", "--no-ext-diff", "--relative", "-z", commit, "--")
    unknown = ("ls-files", "--others", "--exclude-standard", "-z")
    listed = b"".join(_git(root, *arguments) for arguments in (differing, unknown))
    return sorted({path for path in listed.decode("utf-8", "surrogateescape").split("\0") if path})


def commit_of(root: Path, revision: str) -> str:
    """A revision's commit, in full. Raises RevisionError."""
    asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    return _git(root, *asked, named=revision).decode().strip()


def committed_at(root: Path, commit: str) -> int:
    """When a commit was made, in seconds since 1970. Raises RevisionError."""
    return int(_git(root, "show", "--no-patch", "--no-show-signature", "--format=%ct", commit).split()[-1])


def short_name(root: Path, revision: str) -> str:
    """A revision's abbreviated commit."""
    return _git(root, "rev-parse", "--short", "--end-of-options", revision).decode().split()[-1]


def _content(file: str, flags: int = 0) -> bytes | Unreadable:
    """Opened without waiting for the other end of a pipe; a fleet is read through here, so without pathlib."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | flags)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return Unreadable("it is not a regular file")
        content = b""
        while len(content) <= MAX_BYTES and (more := os.read(descriptor, min(found.st_size, MAX_BYTES) + 1)):
            content += more
        return content[: MAX_BYTES + 1]
    finally:
        os.close(descriptor)


def _linked_content(root: Path, file: Path) -> bytes | Unreadable:
    """What a symbolic link leads to, within the repository."""
    try:
        if not file.resolve(strict=True).is_relative_to(root.resolve()):
            return Unreadable("it is a symbolic link out of the repository")
        if file.is_dir():
            return Unreadable("it is a symbolic link to a folder, which is not followed")
        return _content(str(file))
    except OSError as error:
        return Unreadable(f"{error.strerror}".lower())
    except RuntimeError:  # what pathlib makes of ELOOP
        return Unreadable("too many levels of symbolic links")


def _walk(root: Path, place: str) -> Iterator[str]:
    """What a fleet is found by, so without pathlib."""
    if place.endswith(CONFIG_SUFFIXES):
        yield from (place,) if os.path.lexists(root / place) else ()
        return
    top, above = f"{root}/{place}", len(f"{root}/")
    closed: list[str] = []
    for parent, folders, names in os.walk(top, onerror=lambda error: closed.append(error.filename)):
        here = parent[above:]
        yield from (f"{here}/{name}" for name in names if name.endswith(DECLARING))
        yield from (f"{here}/{name}" for name in folders if os.path.islink(f"{parent}/{name}"))  # noqa: PTH114
    yield from (each[above:] for each in closed if each != top or os.path.lexists(top))


def _blobs(root: Path, blobs: Collection[str]) -> dict[str, bytes]:
    """The contents of Git objects, in one call."""
    out = _git(root, "cat-file", "--batch", stdin="\n".join(blobs).encode())
    contents: dict[str, bytes] = {}
    at = 0
    for blob in blobs:
        header_end = out.index(b"\n", at)
        size = int(out[at:header_end].split()[2])
        contents[blob] = out[header_end + 1 : header_end + 1 + size]
        at = header_end + 1 + size + 1
    return contents


def _linked(root: Path, revision: str, path: str) -> bytes | Unreadable:
    """What a symbolic link of a revision leads to, within the revision; Git asks for names line by line."""
    if "\n" in path:
        return Unreadable("it is a symbolic link with a line break in its name")
    name = f"{revision}:./{path}\n".encode("utf-8", "surrogateescape")
    head, _, content = _git(root, "cat-file", "--batch", "--follow-symlinks", stdin=name).partition(b"\n")
    if head.split()[1:2] == [b"blob"]:
        return content[:-1][: MAX_BYTES + 1]
    return Unreadable("it is a symbolic link that leads to no file of this revision")


def _git(root: Path, *arguments: str, stdin: bytes = b"", named: str | None = None) -> bytes:
    import subprocess

    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], input=stdin, capture_output=True, check=False)  # noqa: S607 - the user's own git
    except OSError as error:
        raise RevisionError(f"git cannot be run: {error.strerror}") from None
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().splitlines()
        if named is not None and not any(line.startswith("fatal:") for line in reason):
            raise RevisionError(f"Git knows no revision `{named}` here")
        raise RevisionError(reason[0] if reason else "git failed without a message")
    return done.stdout
