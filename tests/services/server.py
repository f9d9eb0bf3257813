"""What the throw-away servers share: an account, a folder, a port, a process to start and stop."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest

from mergeflow.airflow.testing.server import PATIENCE, Service, free_port, owner_of

__all__ = ["PATIENCE", "Server", "folder_of", "free_port", "need"]


def need(binary: object, remedy: str) -> None:
    """Skip where the server is not installed; CI has it, so there that is a failure."""
    if binary:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"not installed: {remedy}")
    pytest.skip(f"not installed: {remedy}")


class Server(Service):
    """One server process, which can be stopped and started again on the same data and port."""

    conn_type: ClassVar[str]
    database: ClassVar[str]
    user: ClassVar[str]
    password: str = "s3cret:p@ss/w%rd#?"  # every character that a hand-made URL gets wrong

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
        shutil.chown(folder, *owner_of(account))
        yield folder
    finally:
        shutil.rmtree(folder)
