"""A throw-away Airflow: a home in a scratch folder that knows no connection, variable or setting of this machine.

Airflow reads its settings when it is first imported, so a process calls `prepare` before that; a fork of it calls it
again, for a metadata database of its own. The database is made once per release of Airflow, which takes seconds, and
copied from then on.
"""

import fcntl
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from importlib.metadata import version
from pathlib import Path

CACHE = ".mergeflow"
BUNDLE = "test"
"""Of the DAG bundle, whose folder is empty: what is tested is stored without parsing any file."""

_AIRFLOWS_OWN = ("AIRFLOW_", "_AIRFLOW_", "__AIRFLOW_", "MERGEFLOW_CACHE", "MERGEFLOW_REPORTS")
"""What the names of variables begin with that tell an Airflow, or us, where other things are."""
_MADE_IN = 180.0
"""Seconds; a slow disk takes a few."""
_MAKE = "from airflow.utils.db import initdb; initdb()"


class HomeError(Exception):
    """Airflow's metadata database cannot be made; the text is for the user."""


def prepare(scratch: Path, root: Path | None = None) -> None:
    """Make `scratch` the AIRFLOW_HOME of this process; `root` is the repository, whose `.mergeflow/` is the cache.

    Nothing but what a test declares exists from then on: variables of the environment that give an Airflow its
    connections, variables, secrets and settings are removed. Raises HomeError.
    """
    home = scratch.absolute()
    for folder in ("dags", "plugins", "logs"):
        (home / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in [name for name in os.environ if name.startswith(_AIRFLOWS_OWN)]:
        del os.environ[name]
    os.environ |= _environment(home)
    _copy_database(home, (root or Path.cwd()).absolute() / CACHE)
    if "airflow.settings" in sys.modules:
        _connect_anew()


def _environment(home: Path) -> dict[str, str]:
    bundle = {
        "name": BUNDLE,
        "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
        "kwargs": {"path": str(home / "dags")},
    }
    options = {
        ("core", "dags_folder"): home / "dags",
        ("core", "plugins_folder"): home / "plugins",
        ("core", "executor"): "LocalExecutor",
        ("core", "load_examples"): False,
        ("core", "unit_test_mode"): False,
        ("core", "hostname_callable"): "socket.gethostname",  # no question to a name server
        ("dag_processor", "dag_bundle_config_list"): json.dumps([bundle]),
        ("database", "sql_alchemy_conn"): f"sqlite:///{_database(home)}",
        ("database", "load_default_connections"): False,
        ("logging", "base_log_folder"): home / "logs",
        ("logging", "colored_console_log"): False,
        ("logging", "remote_logging"): False,
        ("usage_data_collection", "enabled"): False,
        ("dag_factory", "enable_telemetry"): False,
    }
    named = {f"AIRFLOW__{section}__{key}".upper(): str(value) for (section, key), value in options.items()}
    return named | {
        "AIRFLOW_HOME": str(home),
        "MERGEFLOW_REPORTS": str(home / "reports"),
        "PYTHONDONTWRITEBYTECODE": "1",  # in the repository's `dags/`, too, which is not ours to write to
    }


def _database(home: Path) -> Path:
    return home / "airflow.db"


def _copy_database(home: Path, cache: Path) -> None:
    """Put a fresh metadata database into a home, from the cache where that can be written."""
    target = _database(home)
    for left in home.glob(f"{target.name}*"):
        left.unlink()
    kept = cache / f"airflow-{version('apache-airflow-core')}.db"
    if not kept.is_file():
        try:
            with _alone(cache, kept.name):
                if not kept.is_file():
                    _make_database(kept)
        except OSError:  # a repository that nobody may write to
            _make_database(target)
            return
    shutil.copyfile(kept, target)
    target.chmod(0o600)


@contextmanager
def _alone(cache: Path, name: str) -> Iterator[None]:
    """Hold the lock of an entry of the cache; whoever else wants to make it waits."""
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (cache / f"{name}.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make_database(target: Path) -> None:
    """Migrate a database in a process of its own, since that imports Airflow, and move it into place as a whole."""
    with tempfile.TemporaryDirectory(prefix="mergeflow-") as folder:
        home = Path(folder)
        try:
            done = subprocess.run(
                [sys.executable, "-c", _MAKE],
                cwd=home,
                env=os.environ | _environment(home),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_MADE_IN,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise HomeError(f"Airflow's database was not made within {_MADE_IN:.0f} s") from error
        if done.returncode:
            raise HomeError(f"Airflow's database cannot be made:\n{(done.stdout + done.stderr)[-2000:]}")
        beside = target.with_name(f"{target.name}.{os.getpid()}")
        try:
            # A copy by SQLite, which is whole, also of what a journal still holds.
            with closing(sqlite3.connect(_database(home))) as made, closing(sqlite3.connect(beside)) as copy:
                made.backup(copy)
            beside.replace(target)
        finally:
            with suppress(FileNotFoundError):
                beside.unlink()


def _connect_anew() -> None:
    """Point an Airflow that was imported before, in the process that this one is a fork of, at the new home."""
    from airflow import settings

    settings.configure_vars()  # type: ignore[no-untyped-call]
    settings.configure_orm()  # type: ignore[no-untyped-call]
