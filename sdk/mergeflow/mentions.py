"""Whether a name stands somewhere in the files below `dags/`: DAGs are also written by hand, and callables name assets.

Nothing is read before the first question, which is asked only about what no config knows.
"""

import os
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

from mergeflow.files import CONFIG_SUFFIXES, Unreadable, from_revision, read

SUFFIXES = (".py", *CONFIG_SUFFIXES)
DAGS = "dags"


class Mentions:
    """The files below `dags/`, each question answered for all of them at once."""

    def __init__(self, files: Callable[[], Mapping[str, bytes | Unreadable]]) -> None:
        self._files = files

    @classmethod
    def on_disk(cls, root: Path) -> "Mentions":
        """Those of the working tree."""
        return cls(lambda: {path: read(root, path) for path in _below(root)})

    @classmethod
    def at(cls, root: Path, revision: str) -> "Mentions":
        """Those of a revision."""
        return cls(lambda: from_revision(root, revision, DAGS, suffixes=SUFFIXES))

    def word(self, name: str) -> bool:
        """Whether a name stands there, not as a part of a longer one; in Python alone in quotes, or as a function's.

        Else a docstring that says "in the order of" would name a DAG.
        """
        word = re.escape(name.encode())
        quoted = re.compile(rb"""(["'])""" + word + rb"""\1|\bdef[ \t]+""" + word + rb"""[ \t]*\(""")
        plain = re.compile(rb"(?<![\w.\x80-\xff-])" + word + rb"(?![\w\x80-\xff-])")
        return any(
            name.encode() in content and (quoted if path.endswith(".py") else plain).search(content)
            for path, content in self._contents.items()
        )

    def text(self, text: str) -> bool:
        """Whether a text stands there, also within a longer one."""
        return any(text.encode() in content for content in self._contents.values())

    @cached_property
    def _contents(self) -> Mapping[str, bytes]:
        return {path: content for path, content in self._files().items() if isinstance(content, bytes)}


def _below(root: Path) -> list[str]:
    walked = os.walk(f"{root}/{DAGS}")
    found = (f"{folder}/{name}" for folder, _, names in walked for name in names if name.endswith(SUFFIXES))
    return sorted(path[len(f"{root}/") :] for path in found)
