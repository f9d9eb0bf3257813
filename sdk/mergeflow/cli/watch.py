"""Whether anything has changed in what `check` reads: looked at again and again, without a library.

A look at 1,000 files takes some milliseconds, and works on every file system; a watcher of the kernel's events would be
a dependency with a compiled part in every commit hook.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import click

WATCHED = ("configs", "validators", "dags")
PAUSE = 0.3
"""Seconds between two looks."""


def again_and_again(root: Path, once: Callable[[], int]) -> NoReturn:
    """Do something now, and again after each change, until Ctrl-C; what the user can mend meanwhile is only told."""
    for number in rounds(root):
        if sys.stdout.isatty():
            click.clear()
            click.echo(f"{datetime.now().astimezone():%H:%M:%S}\n")
        elif number > 1:
            click.echo()
        try:
            once()
        except click.ClickException as error:
            click.echo(f"mergeflow: {error.format_message()}", err=True)
    raise AssertionError("the rounds have no end")


def rounds(root: Path) -> Iterator[int]:
    """A number at once, and the next whenever a file has changed, come or gone; without end.

    What changes while the caller works is noticed afterwards.
    """
    number, seen = 1, look(root)
    yield number
    while True:
        time.sleep(PAUSE)
        now = look(root)
        if now != seen:
            number, seen = number + 1, now
            yield number


def look(root: Path) -> Mapping[str, tuple[int, int]]:
    """When each file below the watched folders was written, in nanoseconds, and its size in bytes."""
    found: dict[str, tuple[int, int]] = {}
    for folder in WATCHED:
        _look(f"{root}/{folder}", found)
    return found


def _look(folder: str, found: dict[str, tuple[int, int]]) -> None:
    try:
        with os.scandir(folder) as entries:
            listed = [entry for entry in entries if entry.name != "__pycache__" and not entry.name.startswith(".")]
    except OSError:  # it has gone, or never was there
        return
    for entry in listed:
        try:
            if entry.is_dir(follow_symlinks=False):
                _look(entry.path, found)
            else:
                state = entry.stat()
                found[entry.path] = (state.st_mtime_ns, state.st_size)
        except OSError:  # it has gone since it was listed, or is a link that leads nowhere
            continue
