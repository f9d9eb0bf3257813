"""The store of reports: what hostile names, torn files, other writers and very large values make of it."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mergeflow.quality import bounds, reports
from mergeflow.quality.reports import Try, latest, read, runs, store, tries

HOSTILE = [
    "..",
    ".",
    "../../etc",
    "a/b",
    "a\\b",
    "C:",
    "x\0y",
    "\ud800",
    "",
    "%2E%2E",
    "ä" * 250,
    "a" * 250,
    "con~",
    ".x",
]


def report(dag_id: str = "d", task_id: str = "t", run_id: str = "r", number: int = 1, **more: Any) -> dict[str, Any]:
    given = {
        "version": 1,
        "dag_id": dag_id,
        "task_id": task_id,
        "run_id": run_id,
        "map_index": -1,
        "try_number": number,
    }
    return {**given, "result": None, "error": None, **more}


def files(folder: Path) -> list[Path]:
    return [each for each in folder.rglob("*") if not each.is_dir()]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_leaves_the_folder_or_meets_another(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "reports"
    for other in [*HOSTILE, "d"]:
        store(inside, report(name, other, error=other))
    assert not [each for each in files(tmp_path) if inside not in each.resolve().parents]
    for other in [*HOSTILE, "d"]:
        found = read(inside, Try(name, other, "r"))
        assert found is not None
        assert found["error"] == other


def test_what_is_not_there_is_none(tmp_path: Path) -> None:
    store(tmp_path, report())
    for key in (
        Try("d", "t", "s"),
        Try("d", "t", "r", 0),
        Try("d", "t", "r", -1, 2),
        Try("d", "u", "r"),
        Try("e", "t", "r"),
    ):
        assert read(tmp_path, key) is None
    assert runs(tmp_path / "no", "d", "t", 9) == []
    assert latest(tmp_path / "no", 9, {"d"}) == []
    assert tries(tmp_path / "no", Try("d", "t", "r")) == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"version": 2}', b'{"version": 1}', b"\xff", b"[" * 100_000])
def test_a_file_that_is_torn_or_no_report_is_not_there(tmp_path: Path, content: bytes) -> None:
    (tmp_path / store(tmp_path, report(number=1, error="fine"))).with_suffix(".tmp").write_bytes(b"left behind")
    (tmp_path / store(tmp_path, report(number=2))).write_bytes(content)
    assert read(tmp_path, Try("d", "t", "r", -1, 2)) is None
    assert [each["error"] for each in runs(tmp_path, "d", "t", 9)] == []
    assert latest(tmp_path, 9, {"d"}) == []
    assert read(tmp_path, Try("d", "t", "r")) is not None


def test_another_ones_report_under_this_name_is_not_shown(tmp_path: Path) -> None:
    mine = tmp_path / store(tmp_path, report("mine"))
    mine.write_bytes((tmp_path / store(tmp_path, report("secret"))).read_bytes())
    assert read(tmp_path, Try("mine", "t", "r")) is None
    assert runs(tmp_path, "mine", "t", 9) == []
    assert [each["dag_id"] for each in latest(tmp_path, 9, {"mine"})] == []


def test_a_report_that_is_too_large_is_refused_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "LARGEST", 1_000)
    with pytest.raises(ValueError, match="at most 1000 are kept"):
        store(tmp_path, report(error="x" * 1_500))
    assert files(tmp_path) == []


def test_a_folder_that_cannot_be_written_raises(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        store(tmp_path / "file", report())


def test_each_try_and_each_mapped_instance_has_its_own_file(tmp_path: Path) -> None:
    for index in (0, 1):
        for number in (1, 2):
            store(tmp_path, report(number=number, map_index=index, error=f"{index} {number}"))
    assert (read(tmp_path, Try("d", "t", "r", 1, 1)) or {})["error"] == "1 1"
    assert tries(tmp_path, Try("d", "t", "r", 1)) == [1, 2]
    assert [each["error"] for each in runs(tmp_path, "d", "t", 9)] == ["0 2", "1 2"]
    assert [each["error"] for each in runs(tmp_path, "d", "t", 9, map_index=1)] == ["1 2"]


def test_a_try_that_is_written_twice_has_the_later_report(tmp_path: Path) -> None:
    for text in ("before", "after"):
        store(tmp_path, report(error=text))
    assert (read(tmp_path, Try("d", "t", "r")) or {})["error"] == "after"


def test_runs_are_the_last_ones_the_oldest_first(tmp_path: Path) -> None:
    for number in range(6):
        store(tmp_path, report(run_id=f"r{number}"))
    assert [each["run_id"] for each in runs(tmp_path, "d", "t", 3)] == ["r3", "r4", "r5"]


def test_the_latest_is_one_report_of_each_task(tmp_path: Path) -> None:
    for dag_id, run_id in (("a", "1"), ("b", "1"), ("a", "2"), ("c", "1")):
        store(tmp_path, report(dag_id, run_id=run_id))
    assert [(each["dag_id"], each["run_id"]) for each in latest(tmp_path, 2, {"a", "b", "c"})] == [
        ("c", "1"),
        ("a", "2"),
    ]
    assert [each["dag_id"] for each in latest(tmp_path, 9, {"b", "x"})] == ["b"]


def test_only_so_many_runs_are_kept_with_all_their_tries(tmp_path: Path) -> None:
    for number in range(5):
        for attempt in (1, 2):
            store(tmp_path, report(run_id=f"r{number}", number=attempt), kept=2)
    assert {each["run_id"] for each in runs(tmp_path, "d", "t", 99)} == {"r3", "r4"}
    assert len(files(tmp_path)) == 4


def test_a_run_of_very_many_instances_does_not_fill_the_disk(tmp_path: Path) -> None:
    for index in range(3 * reports.MOST_PER_RUN):
        store(tmp_path, report(map_index=index), kept=1)
    assert len(files(tmp_path)) == reports.MOST_PER_RUN
    assert read(tmp_path, Try("d", "t", "r", 3 * reports.MOST_PER_RUN - 1)) is not None


def test_many_writers_at_once_lose_nothing_but_what_is_too_old(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as writers:
        list(writers.map(lambda n: store(tmp_path, report(run_id=f"r{n}"), kept=30), range(120)))
    assert len(files(tmp_path)) == 30 == len(runs(tmp_path, "d", "t", 99))


def test_a_report_is_plain_json_of_bounded_size(tmp_path: Path) -> None:
    deep: Any = "end"
    for _ in range(50):
        deep = [deep]
    outcome = {
        "observed": float("nan"),
        "parameters": {"value_set": [*range(10_000)], "deep": deep},
        "found": "x" * 10_000,
    }
    result = {"suite": "a/b", "success": False, "outcomes": [outcome, *({"n": n} for n in range(bounds.MOST_OUTCOMES))]}
    path = tmp_path / store(tmp_path, report(result=result))
    found = json.loads(path.read_text(), parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))["result"]
    assert found["outcomes"][0]["observed"] == "nan"
    assert len(found["outcomes"][0]["found"]) == bounds.LONGEST
    assert found["outcomes"][0]["parameters"]["value_set"][-1] == f"… {10_000 - bounds.MOST_ITEMS} more"
    assert (len(found["outcomes"]), found["omitted"]) == (bounds.MOST_OUTCOMES, 1)
    assert path.stat().st_size < 200_000


def test_an_object_store_is_a_location_too() -> None:
    from airflow.sdk import ObjectStoragePath
    from airflow.sdk.io import attach
    from fsspec.implementations.memory import MemoryFileSystem

    attach("memory", fs=MemoryFileSystem())
    there: Any = ObjectStoragePath("memory://bucket/reports")
    for number in range(4):
        store(there, report(run_id=f"r{number}", error=str(number)), kept=3)
    assert [each["run_id"] for each in runs(there, "d", "t", 9)] == ["r1", "r2", "r3"]
    assert (read(there, Try("d", "t", "r2")) or {})["error"] == "2"
    assert [each["run_id"] for each in latest(there, 9, {"d"})] == ["r3"]
    assert latest(there / "no", 9, {"d"}) == []


def test_a_store_with_folders_and_a_connection_is_a_location_too(tmp_path: Path) -> None:
    from airflow.sdk import ObjectStoragePath
    from airflow.sdk.io import attach
    from fsspec.implementations.local import LocalFileSystem

    attach("file", "elsewhere", fs=LocalFileSystem())
    there: Any = ObjectStoragePath(f"file://elsewhere@{tmp_path}/reports")
    for number in range(3):
        store(there, report(run_id=f"r{number}"), kept=2)
    assert [each["run_id"] for each in runs(there, "d", "t", 9)] == ["r1", "r2"]
    assert {each.parent for each in files(tmp_path)} == {tmp_path / "reports" / "d" / "t"}
