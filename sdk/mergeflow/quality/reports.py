"""Reports of expectation tasks, kept as files in a folder or an object store: one for each try of each task instance.

Many workers write at once and the API server reads meanwhile, so there is no index that they would share: a file's name
says when it was written and whose it is, and a listing is all that is ever asked for.
"""

import json
import re
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, NamedTuple
from urllib.parse import quote

from mergeflow.quality import storage
from mergeflow.quality.bounds import bounded

VERSION = 1

KEPT = 100
"""How many runs of a task are kept, unless the deployment says otherwise."""
MOST_PER_RUN = 20
"""Times the runs that are kept: how many files a task may have. Mapped tasks and retries write several for a run."""

LARGEST = 8 * 2**20
"""Bytes of a report; a larger one is neither written nor read."""

_NAME = re.compile(r"(?P<at>\d{8}T\d{6}\.\d{6}Z)-(?P<run>[0-9a-f]{16})-m(?P<map>-?\d{1,9})-t(?P<try>\d{1,9})\.json")
_PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,119}")
_READERS = 8
"""At once: an object store takes a tenth of a second for each."""


class Try(NamedTuple):
    """Whose report it is: one try of one task instance."""

    dag_id: str
    task_id: str
    run_id: str
    map_index: int = -1
    try_number: int = 1


class _Name(NamedTuple):
    """A report file's name, read; they sort by the moment at which they were written."""

    text: str
    run: str
    map_index: int
    try_number: int


def store(location: Any, report: Mapping[str, Any], kept: int = KEPT) -> str:
    """Write a report, and remove what its task has too many of. Return its path below `location`.

    `location` is a pathlib.Path or what has its methods, such as Airflow's ObjectStoragePath. Raises OSError, or
    whatever an object store raises, and ValueError for a report that is too large.
    """
    key = whose(report)
    content = json.dumps(bounded(report), allow_nan=False).encode()
    if len(content) > LARGEST:
        raise ValueError(f"the report has {len(content)} bytes; at most {LARGEST} are kept")
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    name = f"{moment}-{_digest(key.run_id)}-m{key.map_index}-t{key.try_number}.json"
    folder = location / _segment(key.dag_id) / _segment(key.task_id)
    storage.write(folder / name, content)
    _make_room(folder, max(1, kept))
    return f"{_segment(key.dag_id)}/{_segment(key.task_id)}/{name}"


def read(location: Any, key: Try) -> dict[str, Any] | None:
    """The report of one try; None where there is none that can be read. Of a try that was written twice the last."""
    folder = location / _segment(key.dag_id) / _segment(key.task_id)
    wanted = (_digest(key.run_id), key.map_index, key.try_number)
    for name in reversed(_names(folder)):
        if (name.run, name.map_index, name.try_number) == wanted:
            return _read(folder / name.text, key)
    return None


def runs(location: Any, dag_id: str, task_id: str, limit: int, map_index: int | None = None) -> list[dict[str, Any]]:
    """The reports of a task's last runs, the oldest first: of each run, or of each mapped instance, the last try.

    `limit` is how many reports there may be; `map_index` takes one mapped instance's alone.
    """
    folder = location / _segment(dag_id) / _segment(task_id)
    last: dict[tuple[str, int], _Name] = {}
    for name in reversed(_names(folder)):
        if map_index in (None, name.map_index) and len(last) < limit:
            last.setdefault((name.run, name.map_index), name)
    found = _read_all([folder / each.text for each in last.values()])
    return [each for each in reversed(found) if (each["dag_id"], each["task_id"]) == (dag_id, task_id)]


def tries(location: Any, key: Try) -> list[int]:
    """The numbers of the tries of a task instance that have a report."""
    names = _names(location / _segment(key.dag_id) / _segment(key.task_id))
    return sorted({n.try_number for n in names if (n.run, n.map_index) == (_digest(key.run_id), key.map_index)})


def latest(location: Any, limit: int, dag_ids: Collection[str]) -> list[dict[str, Any]]:
    """Of each task of these DAGs the last report; the newest first, at most `limit`."""
    dags = {_segment(each) for each in dag_ids} & {*storage.names(location)}
    with ThreadPoolExecutor(_READERS) as readers:
        listed = readers.map(lambda dag: [location / dag / task for task in storage.names(location / dag)], dags)
        tasks = [task for each in listed for task in each]
        named = zip(readers.map(_names, tasks), tasks, strict=True)
        newest = [(names[-1].text, task / names[-1].text) for names, task in named if names]
    chosen = sorted(newest, key=lambda each: each[0], reverse=True)[:limit]
    return [each for each in _read_all([path for _, path in chosen]) if each["dag_id"] in dag_ids]


def whose(report: Mapping[str, Any]) -> Try:
    """The try that a report is of. Raises KeyError, TypeError or ValueError for what is none."""
    dag_id, task_id, run_id = (report[each] for each in ("dag_id", "task_id", "run_id"))
    if not all(isinstance(each, str) for each in (dag_id, task_id, run_id)):
        raise TypeError("dag_id, task_id and run_id are texts")
    return Try(dag_id, task_id, run_id, int(report["map_index"]), int(report["try_number"]))


def _segment(name: str) -> str:
    """A name as one part of a path: itself where it is plain; never `..`, never too long, and no two are the same."""
    if _PLAIN.fullmatch(name):
        return name
    cut = quote(name.encode("utf-8", "surrogatepass"), safe="").replace(".", "%2E")[:80].rstrip("%")
    return f"{cut}~{_digest(name)}"


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _names(folder: Any) -> list[_Name]:
    """The reports in a task's folder, the oldest first; other files are nobody's business."""
    found = map(_NAME.fullmatch, storage.names(folder))
    return sorted(_Name(each[0], each["run"], int(each["map"]), int(each["try"])) for each in found if each)


def _read_all(paths: list[Any]) -> list[dict[str, Any]]:
    if not paths:
        return []
    with ThreadPoolExecutor(_READERS) as readers:
        return [each for each in readers.map(_read, paths) if each is not None]


def _read(path: Any, key: Try | None = None) -> dict[str, Any] | None:
    """A report; None for what another process has removed, what is torn, and what is none or somebody else's."""
    try:
        content = storage.content(path, LARGEST)
        report = json.loads(content) if content is not None else None
        if not isinstance(report, dict) or report.get("version") != VERSION or key not in (None, whose(report)):
            return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return report


def _make_room(folder: Any, kept: int) -> None:
    """Remove a task's oldest reports: of runs beyond `kept`, and where each of its runs has very many."""
    names = _names(folder)
    wanted: set[str] = set()
    for number, name in enumerate(reversed(names)):
        full = name.run not in wanted and len(wanted) >= kept
        if full or number >= kept * MOST_PER_RUN:
            storage.remove(folder / name.text)
        else:
            wanted.add(name.run)
