"""Files that a repository's symbolic links also show under another name: who reads the link, reads what has changed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mergeflow.airflow.git import git

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_LINK = "120000 "
"""What Git's listing of a symbolic link begins with."""


def names_through_links(checkout: Path, changed: Collection[str]) -> set[str]:
    """The names that changed paths of a checkout have through its links; raises GitError."""
    found: set[str] = set()
    for link in _links(checkout):
        target = os.path.relpath(os.path.realpath(checkout / link), os.path.realpath(checkout))
        found |= {link + path.removeprefix(target) for path in changed if f"{path}/".startswith(f"{target}/")}
    return found


def _links(checkout: Path) -> list[str]:
    listed = os.fsdecode(git(f"--git-dir={checkout / '.git'}", "ls-files", "-s", "-z")).split("\0")
    return [entry.partition("\t")[2] for entry in listed if entry.startswith(_LINK)]
