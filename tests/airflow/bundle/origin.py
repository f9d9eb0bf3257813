"""A repository that a bundle follows, and what a bundle has to say."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mergeflow.airflow.bundle import ConfigBundle

STUBS = {"payments.py", "risk.py", "config_errors.py"}


class Repository:
    """A Git repository with a working tree, whose branch is `main`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        command = ["git", "-C", str(self.folder), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, files: dict[str, str | None]) -> str:
        """Commit these files, of which None removes one, and return the commit."""
        for name, text in files.items():
            path = self.folder / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "change")
        return self.git("rev-parse", "HEAD")

    def force(self, files: dict[str, str | None]) -> str:
        """Replace all history by one commit: what was there before is gone for good."""
        self.git("checkout", "-q", "--orphan", "other")
        commit = self.commit(files)
        self.git("branch", "-q", "-M", "main")
        self.git("reflog", "expire", "--expire=now", "--all")
        self.git("gc", "-q", "--prune=now")
        return commit


class Logged:
    """A logger that keeps the events of each level."""

    def __init__(self) -> None:
        self.errors: list[dict[str, Any]] = []
        self.infos: list[dict[str, Any]] = []
        self.warnings: list[dict[str, Any]] = []

    def error(self, event: str, **known: Any) -> None:
        self.errors.append({"event": event, **known})

    def info(self, event: str, **known: Any) -> None:
        self.infos.append({"event": event, **known})

    def warning(self, event: str, **known: Any) -> None:
        self.warnings.append({"event": event, **known})

    def ends(self) -> list[str]:
        """What is over."""
        return [info["cause"] for info in self.infos if info["event"] == "bundle follows again"]


class Follower:
    """Makes bundles that share one storage, as processes on one host do."""

    def __init__(self, repository: Repository, storage: Path) -> None:
        self.repository = repository
        self.storage = storage

    def bundle(self, version: str | None = None, **changed: Any) -> ConfigBundle:
        url = str(self.repository.folder)
        return ConfigBundle(
            **{"name": "b", "repo_url": url, "tracking_ref": "main", "subdir": "dags"} | changed, version=version
        )

    def started(self, **changed: Any) -> ConfigBundle:
        bundle = self.bundle(**changed)
        bundle.initialize()
        return bundle


def config(bundle: ConfigBundle, path: str = "configs/payments/fx.yaml") -> str:
    """What Airflow would read from a config."""
    return (bundle.path.parent / path).read_text()


def touched_by_refresh(bundle: ConfigBundle) -> set[str]:
    """Refresh, and return the names of the stubs that look newer than before."""
    old = time.time() - 1000
    before = {path: path.stat().st_mtime for path in bundle.path.glob("*.py")}
    for path in before:
        os.utime(path, (old, old))
    # As after a refresh: Git knows these mtimes.
    bundle._clone.settle()
    bundle.refresh()
    return {path.name for path in bundle.path.glob("*.py") if path.stat().st_mtime > old + 1}


def make_repository(folder: Path) -> Repository:
    repository = Repository(folder)
    repository.commit(
        {f"dags/{name}": "" for name in STUBS} | {"configs/payments/fx.yaml": "a", "configs/risk/v.yaml": ""}
    )
    return repository


def in_child(work: Callable[[], object]) -> int:
    """Fork, as Airflow does, and return the child's process id; its status tells whether `work` raised."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return pid
