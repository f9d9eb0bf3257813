"""Files in a folder or in an object store: listed, read, written as a whole, removed.

A place is a pathlib.Path, or Airflow's ObjectStoragePath. Of that only `fs` and `path` are used: its own methods
reach the store without Airflow's connection where its URL names none.
"""

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any


def names(folder: Any) -> list[str]:
    """The names in a folder as it is now; none where there is no folder."""
    try:
        if isinstance(folder, Path):
            return os.listdir(folder)  # noqa: PTH208 - names are all that is asked for
        folder.fs.invalidate_cache()  # a listing that was kept from an earlier look lacks what others have written
        return [each.rstrip("/").rpartition("/")[2] for each in folder.fs.ls(folder.path, detail=False)]
    except (FileNotFoundError, NotADirectoryError):
        return []


def content(path: Any, most: int) -> bytes | None:
    """The bytes of a file; None where it has more than `most`. Raises OSError."""
    with path.open("rb") if isinstance(path, Path) else path.fs.open(path.path, "rb") as file:
        found: bytes = file.read(most + 1)
    return found if len(found) <= most else None


def write(path: Any, data: bytes) -> None:
    """Write a file that nobody ever sees in part; its folder is made. Raises OSError, or what the store raises."""
    if not isinstance(path, Path):
        try:
            path.fs.pipe_file(path.path, data)
        except FileNotFoundError:  # a store that has folders; another may not let us look whether its bucket is there
            path.fs.makedirs(path.parent.path, exist_ok=True)
            path.fs.pipe_file(path.path, data)
        return
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(temporary).chmod(0o640)  # the API server may be another user of the same group
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise


def remove(path: Any) -> None:
    """Remove a file; another worker may have been quicker."""
    with suppress(FileNotFoundError):
        if isinstance(path, Path):
            path.unlink()
        else:
            path.fs.rm_file(path.path)
