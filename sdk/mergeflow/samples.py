"""Sample data in `validators/samples/`: which files there are, and which suite each is held against.

Told from paths alone. A sample may be large, so nothing here, and nothing that a check does, ever opens one.
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cached_property
from pathlib import Path

from mergeflow.files import SAMPLES, entries

SUFFIXES = (".csv", ".jsonl", ".parquet")
"""What a sample may be."""
_NO_SAMPLES = (".md", ".txt", ".sql")
"""What stands beside samples and is none: notes, and what makes the tables of pipeline tests."""


class Samples:
    """The files below `validators/samples/`, listed at the first question."""

    def __init__(self, listed: Callable[[], Iterable[str]]) -> None:
        self._listed = listed

    @classmethod
    def on_disk(cls, root: Path) -> "Samples":
        """Those of the working tree."""
        return cls(lambda: _walk(root))

    @classmethod
    def at(cls, root: Path, revision: str) -> "Samples":
        """Those of a revision."""
        return cls(lambda: (path for _, path in entries(root, revision, SAMPLES)))

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Every sample and whatever else is there, in sorted order."""
        return tuple(sorted(self._listed()))


def owner_of(path: str, suites: Collection[str]) -> str | None:
    """The suite that a sample is held against: that of its own name, or of its folder's.

    `validators/samples/team/orders.csv` and `validators/samples/team/orders/empty_basket.csv` are both samples of
    `team/orders`. Notes, scripts and hidden files beside them are nobody's.
    """
    if _is_aside(path):
        return None
    name = named_after(path)
    return next((each for each in (name, name.rpartition("/")[0]) if "/" in each and each in suites), None)


def named_after(path: str) -> str:
    """The suite that a sample of this path would have, if there is one of its own name."""
    folder, _, name = path.removeprefix(f"{SAMPLES}/").rpartition("/")
    stem = name.rpartition(".")[0] or name
    return f"{folder}/{stem}" if folder else stem


def _is_aside(path: str) -> bool:
    hidden = any(part.startswith(".") for part in path.split("/"))
    return hidden or path.lower().endswith(_NO_SAMPLES)


def _walk(root: Path) -> Iterator[str]:
    """What every check does, so without pathlib. A linked folder is not looked into, and so is told as a sample."""
    above = len(f"{root}/")
    for parent, folders, names in os.walk(f"{root}/{SAMPLES}"):
        here = parent[above:]
        yield from (f"{here}/{name}" for name in names)
        yield from (f"{here}/{name}" for name in folders if os.path.islink(f"{parent}/{name}"))  # noqa: PTH114
