"""A real, throw-away PostgreSQL server, from Debian's binaries."""

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.services.server import Server, folder_of, free_port, need, run

DATABASE = "airbyte"
USER = "owner"
ACCOUNT = "postgres"  # PostgreSQL refuses to run as root


@contextmanager
def postgres() -> Iterator[Server]:
    """A running server with the database `airbyte`; stopped and removed at the end."""
    need(_binary("initdb"), "apt-get install postgresql")
    with folder_of(ACCOUNT) as folder:
        server = PostgresServer(folder)
        server.start()
        try:
            with psycopg.connect(server.conninfo("postgres"), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {DATABASE}")
            yield server
        finally:
            server.stop()


class PostgresServer(Server):
    """Listens on 127.0.0.1 only, asks for a password, and syncs nothing to disk."""

    conn_type = "postgres"
    database = DATABASE
    user = USER
    account = ACCOUNT
    stop_signal = signal.SIGINT  # "fast": ends its clients' sessions instead of waiting for them

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        password_file = folder / "password"
        password_file.write_text(self.password, encoding="utf-8")
        shutil.chown(password_file, *self.owner())
        command = [_binary("initdb"), "-D", folder / "data", "-U", USER, "-E", "UTF8", "--locale=C.UTF-8"]
        run([*command, "--auth=scram-sha-256", f"--pwfile={password_file}", "--no-sync"], ACCOUNT)

    def command(self) -> list[str]:
        options = ["listen_addresses=127.0.0.1", f"port={self.port}", f"unix_socket_directories={self.folder}"]
        quick = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        settings = [part for option in [*options, *quick] for part in ("-c", option)]
        return [_binary("postgres"), "-D", str(self.folder / "data"), *settings]

    def answers(self) -> bool:
        try:
            psycopg.connect(self.conninfo("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    def conninfo(self, database: str) -> str:
        return psycopg.conninfo.make_conninfo(
            host="127.0.0.1", port=self.port, user=USER, password=self.password, dbname=database
        )


def _binary(name: str) -> str:
    """Debian keeps the server's programs off the PATH, one folder per version."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    return str(versions[-1]) if versions else shutil.which(name) or ""
