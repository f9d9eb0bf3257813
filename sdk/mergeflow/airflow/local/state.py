"""The state folder of a local Airflow: who uses it, its secrets, and what a killed run left in it."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import IO, TYPE_CHECKING

from mergeflow.airflow.local.settings import USER, LocalSettings, Secrets

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Found:
    """A local Airflow as its state folder tells of it; `branch` is None where it follows files."""

    url: str
    password: str
    location: str
    branch: str | None


class StateInUseError(Exception):
    """Another Mergeflow works with this state folder."""


def lock(settings: LocalSettings) -> IO[str]:
    """Take the state folder for this process and whom it passes the file to; closing the file gives it back.

    The keeper inherits it, so after `mergeflow up` was killed the folder stays taken until all is stopped.
    """
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = (settings.state / "lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        owner = file.read().strip() or "unknown"
        file.close()
        raise StateInUseError(f"{settings.state} is in use by another mergeflow (process {owner})") from None
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


def prepare(settings: LocalSettings) -> Secrets:
    """Make the folders, generate missing secrets, clear what a killed run left. The caller has the lock."""
    for folder in (settings.home / "dags", settings.home / "plugins", settings.logs, settings.bundles):
        folder.mkdir(parents=True, exist_ok=True)
    _forget_other_sources(settings)
    _address(settings.state).write_text(f"{settings.url}\n")
    for bundle in settings.bundles.glob("*"):
        # Made anew from the bare clone beside it in no time, and free of a lock from a killed Git.
        shutil.rmtree(bundle / "tracking_repo", ignore_errors=True)
        for left in (bundle / "bare").rglob("*.lock"):
            left.unlink()
    return _secrets(settings)


def found(state: Path) -> Found | None:
    """The Airflow that was last started in a state folder, running or not."""
    with suppress(OSError, ValueError, TypeError):
        location, branch = json.loads(_followed(state).read_text())
        password = Secrets(**json.loads((state / "secrets.json").read_text())).password
        return Found(_address(state).read_text().strip(), password, location, branch)
    return None


def migrated(settings: LocalSettings, version: str) -> bool:
    """Tell whether Airflow's database is that of this Airflow version."""
    with suppress(FileNotFoundError):
        return settings.database.exists() and _stamp(settings).read_text() == version
    return False


def mark_migrated(settings: LocalSettings, version: str) -> None:
    """Remember that the database is that of this Airflow version."""
    _stamp(settings).write_text(version)


def drop_half_made_database(settings: LocalSettings) -> None:
    """Remove a database whose first migration never ended; Airflow has never run on it."""
    if not _stamp(settings).exists():
        settings.database.unlink(missing_ok=True)


def _stamp(settings: LocalSettings) -> Path:
    return settings.home / "migrated"


def _address(state: Path) -> Path:
    return state / "address"


def _followed(state: Path) -> Path:
    return state / "followed.json"


def _forget_other_sources(settings: LocalSettings) -> None:
    """Drop the clones of a repository or branch followed before: Airflow would go on with the old address."""
    file = _followed(settings.state)
    now = json.dumps([settings.source.location, settings.source.branch])
    if not file.exists() or file.read_text() != now:
        shutil.rmtree(settings.bundles)
        settings.bundles.mkdir()
    file.write_text(now)


def _secrets(settings: LocalSettings) -> Secrets:
    file = settings.state / "secrets.json"
    try:
        found = Secrets(**json.loads(file.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        fernet = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        found = Secrets(secrets.token_urlsafe(12), secrets.token_urlsafe(64), secrets.token_urlsafe(64), fernet)
        _write_private(file, json.dumps(asdict(found)))
    # Airflow reads this one itself, and would add a user that it does not find.
    _write_private(settings.passwords, json.dumps({USER: found.password}) + "\n")
    return found


def _write_private(file: Path, text: str) -> None:
    part = file.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
    part.replace(file)
