"""A real, throw-away MariaDB server, from Debian's binaries: what Debian gives for MySQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mergeflow.airflow.testing.mariadb import MariadbServer as ThrowAway
from tests.services.server import Server, folder_of, need

DATABASE = "data"
USER = "owner"
ACCOUNT = "mysql"  # where root runs the tests, as Debian's own server does


@contextmanager
def mariadb() -> Iterator[Server]:
    """A running server with the database `data`; stopped and removed at the end."""
    need(ThrowAway.found(), "apt-get install mariadb-server")
    with folder_of(ACCOUNT) as folder:
        server = MariadbServer(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()


class MariadbServer(ThrowAway, Server):
    """The server, whose user has one database and no other, and what Airflow calls it."""

    conn_type = "mysql"
    database = DATABASE
    first_database = DATABASE
    user = USER
    account = ACCOUNT

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, self.password)

    def statements(self) -> list[str]:
        return [
            f"CREATE DATABASE IF NOT EXISTS {DATABASE} CHARACTER SET utf8mb4",
            *(
                each.replace("ON *.*", f"ON {DATABASE}.*").removesuffix(" WITH GRANT OPTION")
                for each in super().statements()
            ),
        ]
