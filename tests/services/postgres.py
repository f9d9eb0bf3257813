"""A real, throw-away PostgreSQL server, from Debian's binaries."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from mergeflow.airflow.testing.postgres import PostgresServer as ThrowAway
from tests.services.server import Server, folder_of, need

DATABASE = "airbyte"
USER = "owner"
ACCOUNT = "postgres"  # PostgreSQL refuses to run as root


@contextmanager
def postgres() -> Iterator[Server]:
    """A running server with the database `airbyte`; stopped and removed at the end."""
    need(ThrowAway.found(), "apt-get install postgresql")
    with folder_of(ACCOUNT) as folder:
        server = PostgresServer(folder)
        server.start()
        try:
            with psycopg.connect(server.conninfo("postgres"), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {DATABASE}")
            yield server
        finally:
            server.stop()


class PostgresServer(ThrowAway, Server):
    """The server, and what Airflow calls it."""

    conn_type = "postgres"
    database = DATABASE
    user = USER
    account = ACCOUNT

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, self.password)

    def conninfo(self, database: str) -> str:
        return psycopg.conninfo.make_conninfo(
            host="127.0.0.1", port=self.port, user=USER, password=self.password, dbname=database
        )
