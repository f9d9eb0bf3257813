"""A scratch copy of this repository with an origin of its own, in which the demo can commit, push and merge."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.demo.steps import Failed

LEFT_OUT = (".git", ".venv", ".mergeflow", ".env", "__pycache__", "*.egg-info", ".*_cache", ".hypothesis", "dist")
IDENTITY = {"name": "Mergeflow demo", "email": "demo@example.com"}


@dataclass(frozen=True)
class Scratch:
    """A checkout whose `origin` is a bare repository beside it; below `folder`, and gone with it."""

    folder: Path

    @property
    def checkout(self) -> Path:
        """The working copy."""
        return self.folder / "mergeflow"

    @property
    def origin(self) -> Path:
        """The bare repository that Airflow follows."""
        return self.folder / "origin.git"

    @property
    def environment(self) -> dict[str, str]:
        """Neither the user's Git settings nor their hook caches have a say, and none are changed."""
        people = {
            f"GIT_{role}_{key.upper()}": value for role in ("AUTHOR", "COMMITTER") for key, value in IDENTITY.items()
        }
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        nowhere = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "NO_COLOR": "1"}
        return {**inherited, **people, **nowhere, "PRE_COMMIT_HOME": str(self.folder / "pre-commit")}

    def make(self, original: Path) -> None:
        """Copy the repository as it is, uncommitted changes too, and push it as `main`."""
        shutil.copytree(original, self.checkout, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
        (self.checkout / ".venv").symlink_to(original / ".venv", target_is_directory=True)
        self.git("init", "--quiet", "--bare", "--initial-branch=main", str(self.origin))
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("remote", "add", "origin", str(self.origin))
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=The repository as it is")
        self.git("push", "--quiet", "--set-upstream", "origin", "main")
        self.run(".venv/bin/pre-commit", "install")

    def git(self, *arguments: str) -> str:
        """Run Git in the checkout; raises Failed when it fails."""
        return self.run("git", *arguments)

    def run(self, *command: str) -> str:
        """Run a command in the checkout and return what it printed; raises Failed when it fails."""
        code, output = self.attempt(*command)
        if code:
            raise Failed(f"`{' '.join(command)}` exited with {code}", output)
        return output

    def attempt(self, *command: str) -> tuple[int, str]:
        """Run a command in the checkout; its exit code, and all that it printed."""
        done = subprocess.run(
            command,
            cwd=self.checkout,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout
