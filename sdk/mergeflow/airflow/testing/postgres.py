"""A throw-away PostgreSQL server, from Debian's binaries."""

import shutil
import signal
from pathlib import Path

from mergeflow.airflow.testing.server import HOST, Server


class PostgresServer(Server):
    """PostgreSQL."""

    package = "postgresql"
    account = "postgres"
    drivername = "postgresql+psycopg"
    stop_signal = signal.SIGINT  # "fast": ends its clients' sessions instead of waiting for them
    first_database = "postgres"

    @classmethod
    def found(cls) -> str:
        """The path of `initdb`, whose neighbour the server is."""
        return _binary("initdb")

    def install(self) -> None:
        """Make its data folder."""
        file = self.folder / "password"
        file.touch(mode=0o600)
        file.write_text(self.password, encoding="utf-8")
        shutil.chown(file, *self.owner())
        command: list[str | Path] = [
            _binary("initdb"),
            "-D",
            self.folder / "data",
            "-U",
            self.user,
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]
        self.run([*command, "--auth=scram-sha-256", f"--pwfile={file}", "--no-sync"])
        file.unlink()

    def command(self) -> list[str]:
        """The server, without a Unix socket: its path might be too long."""
        options = [f"listen_addresses={HOST}", f"port={self.port}", "unix_socket_directories="]
        quick = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        settings = [part for option in [*options, *quick] for part in ("-c", option)]
        return [_binary("postgres"), "-D", str(self.folder / "data"), *settings]


def _binary(name: str) -> str:
    """Debian keeps the server's programs off the PATH, one folder per version."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    return str(versions[-1]) if versions else shutil.which(name) or ""
