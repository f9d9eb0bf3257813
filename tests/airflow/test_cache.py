"""The cache gives back what was stored or nothing at all, and never costs a parse more than time."""

import logging
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mergeflow.airflow import cache


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(cache.FOLDER, str(tmp_path / "cache"))
    cache._warn.cache_clear()
    return tmp_path / "cache"


def stored(value: Any = "value") -> Path:
    """The file of an entry called `name`."""
    cache.store("name", value)
    (file,) = cache.folder().iterdir()
    return file


def test_what_was_never_stored_is_not_there() -> None:
    assert cache.load("name") is None


BROKEN = {
    "empty": lambda _: b"",
    "torn": lambda content: content[:-1],
    "no UTF-8": lambda content: b"\xff" + content,
    "no JSON": lambda _: b"{",
    "another shape": lambda _: b'["value"]',
    "too deep": lambda _: b"[" * 100_000 + b"]" * 100_000,
    "too large": lambda content: content + b" " * cache.LARGEST,
    "a number of 5,000 digits": lambda _: b"9" * 5_000,
    "of another version": lambda content: content.replace(b'"version": "', b'"version": "0'),
    "without a version": lambda _: b'{"name": "name", "value": "value"}',
    "of another name": lambda content: content.replace(b'"name": "name"', b'"name": "other"'),
}


@pytest.mark.parametrize("spoil", BROKEN.values(), ids=BROKEN)
def test_an_entry_that_is_not_as_it_was_written_is_not_there(spoil: Callable[[bytes], bytes]) -> None:
    file = stored()
    assert cache.load("name") == "value"
    file.write_bytes(spoil(file.read_bytes()))
    assert cache.load("name") is None
    cache.store("name", "again")
    assert cache.load("name") == "again"


def test_an_entry_that_is_a_folder_is_not_there(caplog: pytest.LogCaptureFixture) -> None:
    file = stored()
    file.unlink()
    file.mkdir()
    assert cache.load("name") is None
    cache.store("name", "value")
    assert "the cache cannot be written" in caplog.text
    assert [each.name for each in cache.folder().iterdir()] == [file.name]


def test_a_cache_that_is_no_folder_is_told_once(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder.write_text("a file")
    for number in range(3):
        cache.store("name", number)
    assert cache.load("name") is None
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert str(folder) in caplog.text


def test_a_full_disk_leaves_the_former_entry_and_no_rubbish(folder: Path) -> None:
    cache.store("name", "former")
    full = (
        "from mergeflow.airflow import cache\n"
        "import resource\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "cache.store('name', 'x' * 2000); cache.store('other', 'y' * 2000)\n"
        "print(cache.load('name'))\n"
    )
    done = subprocess.run([sys.executable, "-c", full], capture_output=True, text=True, check=True)
    assert done.stdout == "former\n"
    assert done.stderr.count("the cache cannot be written") == 1
    assert len(list(folder.iterdir())) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_read(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    stored()
    folder.chmod(0o500)
    cache.store("name", "other")
    folder.chmod(0o700)
    assert cache.load("name") == "value"
    assert "the cache cannot be written" in caplog.text


def test_the_cache_stands_beside_airflows_own_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(cache.FOLDER)
    monkeypatch.setenv("AIRFLOW_HOME", "/opt/airflow")
    assert cache.folder() == Path("/opt/airflow/mergeflow-cache")
    monkeypatch.delenv("AIRFLOW_HOME")
    assert cache.folder() == Path.home() / "airflow/mergeflow-cache"


def test_the_oldest_entries_go(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_ENTRIES", 3)
    for number in range(6):
        cache.store(f"name {number}", number)
        for age, file in enumerate(sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime_ns)):
            os.utime(file, ns=(age, age))
    assert [cache.load(f"name {number}") for number in range(6)] == [None, None, None, 3, 4, 5]


def test_all_entries_together_have_a_size(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_BYTES", 10_000)
    for number in range(30):
        cache.store(f"name {number}", "x" * 1_000)
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 10_000
    assert cache.load("name 29") == "x" * 1_000


def test_an_entry_that_is_too_large_is_not_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "LARGEST", 100)
    cache.store("name", "x" * 100)
    assert cache.load("name") is None
    assert not folder.exists()


def test_readers_beside_writers_see_whole_entries() -> None:
    cache.store("name", [0] * 1_000)
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(number,)) for number in (1, 2)]
    for writer in writers:
        writer.start()
    seen = set()
    while any(writer.is_alive() for writer in writers):
        value = cache.load("name")
        assert value is not None
        assert len(value) == 1_000
        assert len(set(value)) == 1
        seen.add(value[0])
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert seen & {1, 2}
    assert [file.suffix for file in cache.folder().iterdir()] == [".json"]


def _write(number: int) -> None:
    for _ in range(300):
        cache.store("name", [number] * 1_000)
