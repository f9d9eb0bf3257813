"""What throw-away database servers share: an account, a folder, a port, and a process to start and stop."""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import URL

PATIENCE = 30.0
"""Seconds for a server to start or stop."""
HOST = "127.0.0.1"
_PR_SET_PDEATHSIG = 1


class ServerError(Exception):
    """A server that is installed does not start; the text says what it said."""


class Service(ABC):
    """One server process, which can be stopped and started again; it ends with the process that started it."""

    account: ClassVar[str]
    """Who runs it where root starts it."""
    stop_signal: ClassVar[signal.Signals]

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
    def owner(cls) -> tuple[int, int]:
        """Whose files the server's are."""
        return owner_of(cls.account)

    def start(self) -> None:
        """Start, and wait until a client gets in. Raises ServerError."""
        log = self.folder / "log"
        with log.open("ab") as stream:
            self.process = subprocess.Popen(
                self.command(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
                preexec_fn=_ends_with(os.getpid(), self.stop_signal),  # noqa: PLW1509 - nothing that another thread holds
                **_identity(self.account),
            )
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise ServerError(f"{self.command()[0]} did not start:\n{log.read_text(errors='replace')[-2000:]}")
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

    def run(self, command: Sequence[str | Path]) -> None:
        """Run a set-up program as the server's account. Raises ServerError with what it said."""
        done = subprocess.run(
            command, cwd="/", capture_output=True, text=True, errors="replace", check=False, **_identity(self.account)
        )
        if done.returncode:
            raise ServerError(f"{command[0]} failed:\n{(done.stdout + done.stderr)[-2000:]}")


class Server(Service):
    """A database server on data of its own.

    It listens on 127.0.0.1 only, asks for a password, and hurries nothing to disk.
    """

    package: ClassVar[str]
    """What to install where it is missing, as Debian calls it."""
    drivername: ClassVar[str]
    user: ClassVar[str] = "owner"
    first_database: ClassVar[str]
    """The database to connect to before there is any other."""

    def __init__(self, folder: Path, password: str) -> None:
        """Make a server's data in a folder, whose parents its account may walk through."""
        self.folder, self.password, self.port = folder, password, free_port()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.chown(folder, *self.owner())
        self.install()

    @classmethod
    @abstractmethod
    def found(cls) -> str:
        """The path of its program; empty where it is not installed."""

    @abstractmethod
    def install(self) -> None:
        """Make its data folder."""

    @property
    def url(self) -> URL:
        """Where a client gets in, as the user that may do all."""
        return URL.create(self.drivername, self.user, self.password, HOST, self.port, self.first_database)

    def answers(self) -> bool:
        """Whether a client gets in."""
        from sqlalchemy import NullPool, create_engine
        from sqlalchemy.exc import SQLAlchemyError

        engine = create_engine(self.url, poolclass=NullPool, connect_args={"connect_timeout": 5})
        try:
            engine.connect().close()
        except SQLAlchemyError:
            return False
        return True


def free_port() -> int:
    """A port at 127.0.0.1 that nobody listens on now."""
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _ends_with(parent: int, number: signal.Signals) -> Callable[[], None]:
    """What a child does before it becomes the server: it asks for a signal when its parent is gone."""
    library = ctypes.CDLL(None) if sys.platform == "linux" else None

    def ask() -> None:
        if library:
            library.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return ask


def owner_of(account: str) -> tuple[int, int]:
    """Whose files those of an account are, as `chown` takes it."""
    entry = _account(account)
    return entry.pw_uid, entry.pw_gid


def _account(name: str) -> pwd.struct_passwd:
    """`name` where root asks, else whoever does."""
    return pwd.getpwnam(name) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def _identity(account: str) -> dict[str, Any]:
    """How Popen becomes `account`; only root can, and only root must."""
    if os.geteuid():
        return {}
    entry = _account(account)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
