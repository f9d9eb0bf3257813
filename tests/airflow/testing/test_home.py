"""A throw-away AIRFLOW_HOME: nothing of this machine's Airflow is in it, and its database is made once."""

import os
import sqlite3
import stat
import threading
import time
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import pytest

from mergeflow.airflow.testing import home
from mergeflow.airflow.testing.home import CACHE, HomeError, prepare

ENTRY = f"airflow-{version('apache-airflow-core')}.db"


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is put back, and the Airflow of this process stays where it is."""
    for name in [name for name in os.environ if name.startswith(("AIRFLOW", "MERGEFLOW"))]:
        monkeypatch.setenv(name, os.environ[name])  # which puts it back
    for name in home._environment(Path("/nowhere")):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    monkeypatch.setattr(home, "_connect_anew", lambda: None)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The databases that were made, each in no time."""
    found: list[Path] = []

    def make(target: Path) -> None:
        found.append(target)
        time.sleep(0.05)
        with closing(sqlite3.connect(target)) as database:
            database.execute("CREATE TABLE made (id INTEGER)")

    monkeypatch.setattr(home, "_make_database", make)
    return found


def tables_of(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "airflow.db")) as database:
        return [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]


def test_no_setting_connection_or_variable_of_the_machine_is_left(
    made: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "AIRFLOW_CONN_ORDERS_DB", "AIRFLOW_VAR_REGION", "AIRFLOW_CONFIG", "AIRFLOW__SECRETS__BACKEND",
        "AIRFLOW__WORKERS__SECRETS_BACKEND", "AIRFLOW__CORE__UNIT_TEST_MODE", "_AIRFLOW_PROCESS_CONTEXT",
        "__AIRFLOW_SUPERVISOR_FD", "AIRFLOW_CTX_DAG_ID", "MERGEFLOW_CACHE", "MERGEFLOW_REPORTS",
    ):  # fmt: skip
        monkeypatch.setenv(name, "theirs")
    monkeypatch.setenv("MERGEFLOW_ENV", "dev")
    prepare(tmp_path / "home", tmp_path)
    assert made
    assert "theirs" not in os.environ.values()
    assert os.environ["AIRFLOW_HOME"] == str(tmp_path / "home")
    assert os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == f"sqlite:///{tmp_path}/home/airflow.db"
    assert os.environ["AIRFLOW__CORE__UNIT_TEST_MODE"] == "False"
    assert os.environ["MERGEFLOW_ENV"] == "dev"


def test_a_database_is_made_once_and_each_home_has_its_own(made: list[Path], tmp_path: Path) -> None:
    for name in ("one", "other"):
        prepare(tmp_path / name, tmp_path)
        assert tables_of(tmp_path / name) == ["made"]
    assert made == [tmp_path / CACHE / ENTRY]
    assert stat.S_IMODE((tmp_path / "one" / "airflow.db").stat().st_mode) == 0o600


def test_a_home_that_was_used_begins_anew(made: list[Path], tmp_path: Path) -> None:
    assert made == []
    prepare(tmp_path / "home", tmp_path)
    with closing(sqlite3.connect(tmp_path / "home" / "airflow.db")) as database:
        database.execute("CREATE TABLE left_over (id INTEGER)")
    (tmp_path / "home" / "airflow.db-wal").write_text("of another database")
    prepare(tmp_path / "home", tmp_path)
    assert tables_of(tmp_path / "home") == ["made"]


def test_whoever_comes_at_the_same_time_waits_for_the_one_that_makes_it(made: list[Path], tmp_path: Path) -> None:
    together = [
        threading.Thread(target=home._copy_database, args=(folder, tmp_path / CACHE))
        for folder in (tmp_path / f"home{number}" for number in range(4))
        if folder.mkdir() is None
    ]
    for each in together:
        each.start()
    for each in together:
        each.join()
    assert len(made) == 1
    assert all(tables_of(tmp_path / f"home{number}") == ["made"] for number in range(4))


def test_a_repository_that_cannot_be_written_needs_no_cache(made: list[Path], tmp_path: Path) -> None:
    (tmp_path / CACHE).write_text("no folder")
    prepare(tmp_path / "home", tmp_path)
    assert made == [tmp_path / "home" / "airflow.db"]


def test_a_database_that_cannot_be_made_is_told_and_leaves_no_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "_MAKE", "raise SystemExit('the disk is full')")
    with pytest.raises(HomeError, match="the disk is full"):
        prepare(tmp_path / "home", tmp_path)
    assert not (tmp_path / CACHE / ENTRY).exists()
