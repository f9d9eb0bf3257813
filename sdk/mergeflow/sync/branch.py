"""One file on a branch of its own: looked at before it is touched, written, committed, pushed, and no other with it."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

REMOTE = "origin"


class BranchError(Exception):
    """What Git, or the state of the checkout, does not allow; one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Branch:
    """The branch `name` in the checkout that has the repository `root`; `path` is the file, from there."""

    root: Path
    name: str
    path: str

    def committed(self) -> str:
        """The file as the last commit has it; empty where it is not there. Raises BranchError."""
        self._git("rev-parse", "--git-dir", why="this is no Git repository, and a branch is needed")
        self._git("rev-parse", "--verify", "--quiet", "HEAD", why="there is no commit yet to branch from")
        if not self._git("ls-tree", "--name-only", "HEAD", "--", self.path):
            return ""
        return self._git("show", f"HEAD:./{self.path}")

    def in_checkout(self) -> str:
        """The file as it is; empty where it is not there. Raises BranchError."""
        file = self.root / self.path
        try:
            return file.read_bytes().decode() if file.exists() else ""
        except (OSError, UnicodeDecodeError) as error:
            raise BranchError(f"{self.path} cannot be read: {error}") from None

    def enter(self) -> None:
        """Be on the branch, made from where the checkout is; there may be no other of its name. Raises BranchError."""
        self._git("check-ref-format", "--branch", self.name, why=f"`{self.name}` cannot be the name of a branch")
        if self._git("branch", "--show-current").strip() == self.name:
            return
        if self._git("branch", "--list", "--", self.name):
            raise BranchError(
                f"there is a branch `{self.name}` already: switch to it, delete it once it is merged, or name another"
                " with --branch"
            )
        self._git("switch", "--quiet", "--create", self.name)

    def write(self, text: str) -> None:
        """Write the file, and no other."""
        file = self.root / self.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())

    def commit(self, message: str) -> str:
        """Commit the file alone, whatever else is changed or staged; the commit's short name. Raises BranchError."""
        self._git("add", "--", self.path)
        self._git("commit", "--quiet", "--message", message, "--", self.path)
        return self._git("rev-parse", "--short", "HEAD").strip()

    def push(self) -> bool:
        """Push the branch; false where there is no remote to push to. Raises BranchError."""
        if REMOTE not in self._git("remote").split():
            return False
        self._git("push", "--quiet", "--set-upstream", REMOTE, self.name)
        return True

    def _git(self, *arguments: str, why: str = "") -> str:
        command = ["git", "-C", str(self.root), *arguments]
        environment = os.environ | {"GIT_TERMINAL_PROMPT": "0"}
        try:
            done = subprocess.run(command, capture_output=True, check=False, env=environment)
        except OSError as error:
            raise BranchError(f"git cannot be run: {error.strerror}") from None
        if done.returncode:
            said = " ".join((done.stderr or done.stdout).decode(errors="replace").split())
            raise BranchError(why or f"git {arguments[0]}: {said.removeprefix('fatal: ')[:500]}")
        return done.stdout.decode(errors="replace")
