"""In which file a DAG is, where its file is not called after it: told by whoever has read a stub's files, for workers.

Only a hint. A worker looks whether the file really defines the DAG, and looks elsewhere when it does not.
"""

import zlib
from collections.abc import Mapping

from mergeflow.airflow import cache

_A_PART = 500
"""So many DAGs are told in one entry: reading an entry of 10,000 takes longer than building a DAG."""

_MOST_PARTS = 64


def path_of(stub: str, dag_id: str) -> str | None:
    """The path that was told for a DAG of a stub, if one was."""
    path = _entry(_name(stub, dag_id, _parts(stub))).get(dag_id)
    return path if isinstance(path, str) else None


def tell(stub: str, paths: Mapping[str, str]) -> None:
    """Replace what was told of a stub; nothing is written that is there already."""
    parts = min(len(paths) // _A_PART + 1, _MOST_PARTS)
    told: dict[str, dict[str, str]] = {_name(stub, "", 1): {}} if parts == 1 else {}
    for dag_id, path in paths.items():
        told.setdefault(_name(stub, dag_id, parts), {})[dag_id] = path
    for name, entry in told.items():
        if _entry(name) != entry:
            cache.store(name, entry)
    if _parts(stub) != parts:
        cache.store(_count(stub), parts)


def tell_one(stub: str, dag_id: str, path: str) -> None:
    """Add one DAG to what was told of a stub."""
    name = _name(stub, dag_id, _parts(stub))
    cache.store(name, {**_entry(name), dag_id: path})


def _entry(name: str) -> dict[str, object]:
    entry = cache.load(name)
    return entry if isinstance(entry, dict) else {}


def _parts(stub: str) -> int:
    parts = cache.load(_count(stub))
    return parts if type(parts) is int and 0 < parts <= _MOST_PARTS else 1


def _count(stub: str) -> str:
    return f"parts of {stub}"


def _name(stub: str, dag_id: str, parts: int) -> str:
    return f"dags of {stub}, {zlib.crc32(dag_id.encode()) % parts} of {parts}"
