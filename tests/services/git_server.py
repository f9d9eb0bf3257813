"""A Git server of one's own, which can be stopped and started again."""

import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from tests.services.server import PATIENCE, free_port


class GitServer:
    """`git daemon` on 127.0.0.1, serving every repository below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, name: str) -> str:
        """The address of a repository in the folder."""
        return f"git://127.0.0.1:{self._port}/{name}"

    def start(self) -> None:
        """Start, and wait until it listens."""
        where = [f"--base-path={self.folder}", "--listen=127.0.0.1", f"--port={self._port}", "--reuseaddr"]
        self._process = subprocess.Popen(
            ["git", "daemon", "--export-all", *where, str(self.folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        end = time.monotonic() + PATIENCE
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError("git daemon did not start")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it, and every connection."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _listens(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self._port), 1):
            return True
        return False
