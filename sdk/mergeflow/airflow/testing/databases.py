"""Throw-away databases: a file, or a new database on a server that is started for tests, or that somebody has given.

`MERGEFLOW_TEST_POSTGRES` and `MERGEFLOW_TEST_MYSQL` are URLs of servers on which databases may be made. Each test has
its own, of a random name, which is dropped at the end. Where a test was killed in a way that nobody can see, what it
left is dropped by the next test on that server, once it is older than any test can be.
"""

import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, NullPool, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from mergeflow.airflow.testing.mariadb import MariadbServer
from mergeflow.airflow.testing.postgres import PostgresServer
from mergeflow.airflow.testing.server import Server

SERVERS: Mapping[str, type[Server]] = {"postgres": PostgresServer, "mysql": MariadbServer}
GIVEN = {"postgres": "MERGEFLOW_TEST_POSTGRES", "mysql": "MERGEFLOW_TEST_MYSQL"}
"""The variables that name servers."""

_PREFIX = "mergeflow_test_"
_NAME = re.compile(rf"{_PREFIX}([0-9a-f]{{8}})_[0-9a-f]{{12}}")
_FOLDERS = "mergeflow-server-"
_OLD = 3 * 3600
"""Seconds; a test may take one hour."""
_QUICK: Mapping[str, Mapping[str, Any]] = {
    "postgres": {"connect_timeout": 10},
    "mysql": {"connect_timeout": 10, "init_command": "SET SESSION lock_wait_timeout = 10"},
}
"""Nobody waits for a server, or for somebody who holds a table, for longer than this."""

_started: dict[str, tuple[URL, Server, int]] = {}
"""The servers that this process, or one that it is a fork of, has started, with that one's id."""


class Unavailable(Exception):
    """A kind of database that cannot be had here; the text says what to install."""


@dataclass(frozen=True)
class Database:
    """A throw-away database: how Airflow describes its connection, and where a client gets in."""

    kind: str
    fields: Mapping[str, Any] = field(repr=False)  # with the password
    url: URL

    def engine(self) -> Engine:
        """A new engine, which keeps no connection open."""
        return create_engine(self.url, poolclass=NullPool, hide_parameters=True)


@contextmanager
def database(kind: str, folder: Path, name: str) -> Iterator[Database]:
    """A database of a kind, for as long as it is needed; `name` tells files in `folder` apart.

    Raises Unavailable, ServerError for a server that does not start, SQLAlchemyError for one that gives no database.
    """
    if kind == "sqlite":
        file = folder / f"{name}.db"
        yield Database(kind, {"conn_type": kind, "host": str(file)}, URL.create(kind, database=str(file)))
        return
    with _server(kind) as server:
        _drop_old(server)
        made = f"{_PREFIX}{int(time.time()):08x}_{secrets.token_hex(6)}"
        try:
            _on(server, _CREATE[kind].format(made))
            url = server.set(database=made)
            yield Database(kind, _fields(kind, url), url)
        finally:
            _on(server, _DROP[kind].format(made))


def serve(kind: str) -> None:
    """Start the server of a kind now, for all tests of this process and its forks, unless one is given or runs.

    Raises Unavailable and ServerError.
    """
    if not os.environ.get(GIVEN[kind]) and kind not in _started:
        _started[kind] = _start(kind)


def stop() -> None:
    """Stop what this process has started, and remove it."""
    for kind, (_, server, owner) in [*_started.items()]:
        if owner == os.getpid():
            del _started[kind]
            _remove(server)


def why_not(kind: str) -> str:
    """Why there is no database of this kind here; empty where there is."""
    if kind not in SERVERS or os.environ.get(GIVEN[kind]) or kind in _started:
        return ""
    needed = SERVERS[kind]
    if needed.found():
        return ""
    return f"no {kind} server here: `apt-get install {needed.package}`, or name one in {GIVEN[kind]}"


@contextmanager
def _server(kind: str) -> Iterator[URL]:
    """Where the server is; one that only this test needs ends with it."""
    if given := os.environ.get(GIVEN[kind]):
        yield _of_driver(kind, given)
    elif kind in _started:
        yield _started[kind][0]
    else:
        url, server, _ = _start(kind)
        try:
            yield url
        finally:
            _remove(server)


def _start(kind: str) -> tuple[URL, Server, int]:
    if missing := why_not(kind):
        raise Unavailable(missing)
    # Not in the test's own folder, where only its owner may walk in, and where a path may be too long.
    _remove_orphans()
    folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDERS}{os.getpid()}-"))
    if os.geteuid() == 0:
        folder.chmod(0o711)
    try:
        server = SERVERS[kind](folder / kind, secrets.token_urlsafe(16))
        server.start()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return server.url, server, os.getpid()


def _remove(server: Server) -> None:
    try:
        server.stop()
    finally:
        shutil.rmtree(server.folder.parent, ignore_errors=True)


def _remove_orphans() -> None:
    """Remove the folders of servers whose starter was killed; the servers have ended with it."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDERS}*-*"):
        starter = folder.name.removeprefix(_FOLDERS).partition("-")[0]
        with suppress(OSError):
            if starter.isdigit() and folder.stat().st_uid == os.geteuid() and not folder.is_symlink():
                try:
                    os.kill(int(starter), 0)
                except ProcessLookupError:
                    shutil.rmtree(folder, ignore_errors=True)


def _of_driver(kind: str, given: str) -> URL:
    """The URL of a server, with the driver that is installed."""
    try:
        url = make_url(given)
    except ArgumentError:
        raise Unavailable(f"{GIVEN[kind]} is no URL of a database") from None  # which may hold a password
    return url.set(drivername=SERVERS[kind].drivername)


_CREATE = {"postgres": 'CREATE DATABASE "{}"', "mysql": "CREATE DATABASE `{}` CHARACTER SET utf8mb4"}
_DROP = {"postgres": 'DROP DATABASE IF EXISTS "{}" WITH (FORCE)', "mysql": "DROP DATABASE IF EXISTS `{}`"}
_LIST = {"postgres": "SELECT datname FROM pg_database", "mysql": "SELECT schema_name FROM information_schema.schemata"}


def _kind(server: URL) -> str:
    return "postgres" if server.get_backend_name() == "postgresql" else "mysql"


def _on(server: URL, statement: str) -> list[Any]:
    """Run one statement on a server, outside any transaction; what it gives."""
    engine = create_engine(
        server,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args=dict(_QUICK[_kind(server)]),
        hide_parameters=True,
    )
    with engine.connect() as connection:
        done = connection.execute(text(statement))
        return [row[0] for row in done] if done.returns_rows else []


def _drop_old(server: URL) -> None:
    """Drop what tests have left that were killed."""
    kind = _kind(server)
    with suppress(SQLAlchemyError):  # whoever may not look has left nothing
        for name in _on(server, _LIST[kind]):
            made = _NAME.fullmatch(str(name))
            if made and time.time() - int(made[1], 16) > _OLD:
                _on(server, _DROP[kind].format(name))


def _fields(kind: str, url: URL) -> dict[str, Any]:
    named = {
        "host": url.host,
        "port": url.port,
        "login": url.username,
        "password": url.password,
        "schema": url.database,
    }
    extra = {"extra": dict(url.query)} if url.query else {}
    return {"conn_type": kind, **{key: value for key, value in named.items() if value is not None}, **extra}
