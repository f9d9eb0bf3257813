"""A real, throw-away MariaDB server, from Debian's binaries: what Debian gives for MySQL."""

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymysql

from tests.services.server import Server, folder_of, free_port, need, run

DATABASE = "data"
USER = "owner"
ACCOUNT = "mysql"  # where root runs the tests, as Debian's own server does


@contextmanager
def mariadb() -> Iterator[Server]:
    """A running server with the database `data`; stopped and removed at the end."""
    need(shutil.which("mariadb-install-db") and _server(), "apt-get install mariadb-server")
    with folder_of(ACCOUNT) as folder:
        server = MariadbServer(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()


class MariadbServer(Server):
    """Listens on 127.0.0.1 only, asks for a password, and hurries nothing to disk."""

    conn_type = "mysql"
    database = DATABASE
    user = USER
    account = ACCOUNT
    stop_signal = signal.SIGTERM

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.init_file = folder / "init.sql"  # one statement per line, run at each start
        self.init_file.write_text(
            f"CREATE DATABASE IF NOT EXISTS {DATABASE} CHARACTER SET utf8mb4;\n"
            f"CREATE USER IF NOT EXISTS {USER} IDENTIFIED BY '{self.password}';\n"
            f"GRANT ALL ON {DATABASE}.* TO {USER};\n"
            "DELETE FROM mysql.global_priv WHERE User = '';\nFLUSH PRIVILEGES;\n",
            encoding="utf-8",
        )
        install = ["mariadb-install-db", "--no-defaults", f"--datadir={folder / 'data'}", "--skip-test-db"]
        run([*install, "--auth-root-authentication-method=normal"], ACCOUNT)

    def command(self) -> list[str]:
        where = [f"--datadir={self.folder / 'data'}", f"--socket={self.folder / 'socket'}"]
        network = ["--bind-address=127.0.0.1", f"--port={self.port}"]
        quick = ["--innodb-flush-log-at-trx-commit=0", "--skip-innodb-doublewrite"]
        return [_server(), "--no-defaults", f"--init-file={self.init_file}", *where, *network, *quick]

    def answers(self) -> bool:
        try:
            pymysql.connect(
                host="127.0.0.1",
                port=self.port,
                user=USER,
                password=self.password,
                database=DATABASE,
            ).close()
        except pymysql.MySQLError:
            return False
        return True


def _server() -> str:
    """Debian keeps it in a folder that only root has on the PATH."""
    return shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin") or ""
