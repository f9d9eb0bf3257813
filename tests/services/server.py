"""What the throw-away servers share: an account, a folder, a port, a process to start and stop."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import ClassVar

import pytest

PATIENCE = 120.0  # seconds for a server to start or stop
_OWN_PORTS = range(15_000, 32_768)
"""Below those that Linux, and others still more, give to connections."""


def need(binary: object, remedy: str) -> None:
    """Skip where the server is not installed; CI has it, so there that is a failure."""
    if binary:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"not installed: {remedy}")
    pytest.skip(f"not installed: {remedy}")


class Server(ABC):
    """One server process, which can be stopped and started again on the same data and port."""

    conn_type: ClassVar[str]
    database: ClassVar[str]
    user: ClassVar[str]
    account: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]
    password: ClassVar[str] = "s3cret:p@ss/w%rd#?"  # every character that a hand-made URL gets wrong

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """The server in the foreground."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether a client gets in."""

    @classmethod
    def owner(cls) -> tuple[str, int]:
        """Whose files the server's are."""
        entry = _account(cls.account)
        return entry.pw_name, entry.pw_gid

    def start(self) -> None:
        """Start, and wait until a client gets in."""
        log = self.folder / "log"
        with log.open("ab") as stream:
            self.process = subprocess.Popen(
                self.command(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
                **_identity(self.account),
            )
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"{self.command()[0]} did not start:\n{log.read_text()[-2000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop, and wait until it is gone; the data stays."""
        if self.process is None:
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    def connection(self) -> dict[str, object]:
        """The server's database as Airflow describes a connection."""
        return {
            "conn_type": self.conn_type,
            "host": "127.0.0.1",
            "port": self.port,
            "login": self.user,
            "password": self.password,
            "schema": self.database,
        }


@contextmanager
def folder_of(account: str) -> Iterator[Path]:
    """A folder that the server's account owns. Not pytest's own: only its owner may walk into those."""
    folder = Path(tempfile.mkdtemp(prefix="mergeflow-"))
    try:
        shutil.chown(folder, _account(account).pw_uid, _account(account).pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder)


def free_port() -> int:
    """A port at 127.0.0.1 that nobody listens on now, and that the system gives to no connection.

    A server may not have it yet, or be stopped for a while: other ports are then taken by whoever connects to anything.
    """
    while True:
        port = secrets.choice(_OWN_PORTS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def run(command: Sequence[str | Path], account: str) -> None:
    """Run a set-up program as `account`, and show what it said if it fails."""
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, **_identity(account))
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


def _account(name: str) -> pwd.struct_passwd:
    """`name` where root runs the tests, else whoever does."""
    return pwd.getpwnam(name) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def _identity(account: str) -> dict[str, object]:
    """How Popen becomes `account`; only root can, and only root must."""
    if os.geteuid():
        return {}
    entry = _account(account)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
