"""The files under `dags/`, in a folder or in a Git revision: nothing is read before somebody asks for it."""

import os
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Protocol

from mergeflow.files import Files, Unreadable, entries, from_revision, read

NOTHING: frozenset[str] = frozenset()


class Tree(Protocol):
    """Files by path; paths are relative to the repository's root and have forward slashes."""

    root: Path
    """The repository on disk: what absolute paths of a config are held against."""

    def names(self, folder: str) -> frozenset[str] | None:
        """What a folder holds, nothing when it is no folder; none when that cannot be known."""
        ...

    def read(self, path: str) -> bytes | Unreadable:
        """The content of a file that is there."""
        ...


class FolderTree:
    """The files of the working tree."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._names: dict[str, frozenset[str] | None] = {}

    def names(self, folder: str) -> frozenset[str] | None:
        """What a folder holds; names are compared as they are written, also where the disk does not.

        Of what lies outside the repository nothing is known: no message may tell what else is on this machine.
        """
        if folder not in self._names:
            try:
                if not self._is_inside(folder):
                    self._names[folder] = None
                    return None
                found = frozenset(os.listdir(f"{self.root}/{folder}"))  # noqa: PTH208 - pathlib takes its time
            except (FileNotFoundError, NotADirectoryError):
                found = NOTHING
            except (OSError, ValueError):
                self._names[folder] = None
                return None
            self._names[folder] = found
        return self._names[folder]

    def _is_inside(self, folder: str) -> bool:
        if ".." in folder.split("/"):
            return False
        real = os.path.realpath(f"{self.root}/{folder}")
        return any(real == each or real.startswith(f"{each}/") for each in self._roots)

    @cached_property
    def _roots(self) -> tuple[str, str]:
        """The repository, and its `dags/`, which may be a link to where Airflow has them."""
        return os.path.realpath(self.root), os.path.realpath(self.root / "dags")

    def read(self, path: str) -> bytes | Unreadable:
        """The content of a file, as configs are read."""
        return read(self.root, path)


class RevisionTree:
    """The files of a Git revision; `python` are its Python files, which whoever made this has read in one go."""

    def __init__(self, root: Path, revision: str, place: str, python: Files) -> None:
        self.root = root
        self._listed: Callable[[], list[tuple[str, str]]] = lambda: entries(root, revision, place)
        self._revision = revision
        self._read = dict(python)

    def names(self, folder: str) -> frozenset[str] | None:
        """What a folder holds; none below a link or a submodule, which Git does not follow."""
        if not self._opaque.isdisjoint((folder, *map(str, PurePosixPath(folder).parents))):
            return None
        return self._folders.get(folder, NOTHING)

    def read(self, path: str) -> bytes | Unreadable:
        """The content of a file; what is not Python is read one by one."""
        if path not in self._read:
            found = from_revision(self.root, self._revision, path, suffixes=("",))
            self._read[path] = found.get(path, Unreadable("it is not there"))
        return self._read[path]

    @cached_property
    def _entries(self) -> list[tuple[str, str]]:
        return self._listed()

    @cached_property
    def _opaque(self) -> frozenset[str]:
        return frozenset(path for meta, path in self._entries if meta.startswith(("120000", "160000")))

    @cached_property
    def _folders(self) -> Mapping[str, frozenset[str]]:
        folders: dict[str, set[str]] = {}
        for _, path in self._entries:
            below = PurePosixPath(path)
            for folder in below.parents:
                names = folders.setdefault(str(folder), set())
                if below.name in names:
                    break
                names.add(below.name)
                below = folder
        return {folder: frozenset(names) for folder, names in folders.items()}
