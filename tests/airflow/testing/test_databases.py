"""Throw-away databases: each test has its own, and nothing of it stays on any server."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL, text

from mergeflow.airflow.testing import databases
from mergeflow.airflow.testing.databases import GIVEN, SERVERS, Database, Unavailable, database, serve, stop, why_not
from mergeflow.airflow.testing.given import fill
from tests.services.server import need

KINDS = sorted(SERVERS)


@pytest.fixture(scope="module", autouse=True)
def _no_server_stays() -> Iterator[None]:
    yield
    stop()
    assert not databases._started


@pytest.fixture
def server(request: pytest.FixtureRequest) -> str:
    """A kind whose server runs for these tests."""
    kind: str = request.param
    need(SERVERS[kind].found(), f"apt-get install {SERVERS[kind].package}")
    serve(kind)
    return kind


on_each_server = pytest.mark.parametrize("server", KINDS, indirect=True)


def names_on(kind: str) -> set[str]:
    return {str(name) for name in databases._on(databases._started[kind][0], databases._LIST[kind])}


@contextmanager
def connected(made: Database) -> Iterator[object]:
    engine = made.engine()
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def test_without_a_server_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for kind in KINDS:
        monkeypatch.delenv(GIVEN[kind], raising=False)
        monkeypatch.setattr(SERVERS[kind], "found", staticmethod(lambda: ""))
        monkeypatch.setattr(databases, "_started", {})
        assert f"apt-get install {SERVERS[kind].package}" in why_not(kind)
        with pytest.raises(Unavailable, match=GIVEN[kind]), database(kind, tmp_path, "db"):
            pass
    assert why_not("sqlite") == ""


def test_what_is_no_url_is_told_without_what_it_may_hold(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(GIVEN["postgres"], "owner:s3cret@nowhere")
    with pytest.raises(Unavailable) as told, database("postgres", tmp_path, "db"):
        pass
    assert str(told.value) == "MERGEFLOW_TEST_POSTGRES is no URL of a database"


def test_folders_of_servers_whose_starter_is_gone_are_removed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    for name in (f"mergeflow-server-{gone.pid}-a", f"mergeflow-server-{os.getpid()}-b", "mergeflow-server-x"):
        (tmp_path / name).mkdir()
    (tmp_path / f"mergeflow-server-{gone.pid}-link").symlink_to(tmp_path / "mergeflow-server-x")
    databases._remove_orphans()
    assert {each.name for each in tmp_path.iterdir()} == {
        f"mergeflow-server-{os.getpid()}-b", f"mergeflow-server-{gone.pid}-link", "mergeflow-server-x",
    }  # fmt: skip


@pytest.mark.service
@on_each_server
def test_a_database_is_dropped_also_after_a_failure_and_while_somebody_uses_it(server: str, tmp_path: Path) -> None:
    before = names_on(server)

    def work() -> None:
        with database(server, tmp_path, "db") as made:
            assert len(names_on(server) - before) == 1
            using = made.engine().connect()  # and never closed
            using.execute(text("CREATE TABLE orders (id INTEGER)"))
            using.commit()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert names_on(server) == before


@pytest.mark.service
@on_each_server
def test_two_tests_have_two_databases(server: str, tmp_path: Path) -> None:
    with database(server, tmp_path, "db") as one, database(server, tmp_path, "db") as other:
        for made in (one, other):
            with connected(made) as connection:
                connection.execute(text("CREATE TABLE orders (id INTEGER)"))  # type: ignore[attr-defined]
        assert one.fields["schema"] != other.fields["schema"]


@pytest.mark.service
@on_each_server
def test_a_sample_has_the_same_rows_on_each_server(server: str, tmp_path: Path) -> None:
    script = "CREATE TABLE made (id INTEGER);\nINSERT INTO made VALUES (1);\nINSERT INTO made VALUES (2);\n"
    (tmp_path / "made.sql").write_text(script)
    (tmp_path / "a.csv").write_text("id,amount,paid,at,note\n1,9.5,true,2026-01-31T10:30:00,é % :x\n2,,,,\n")
    with database(server, tmp_path, "db") as made:
        fill(made, tmp_path, "made", ["made.sql"])
        fill(made, tmp_path, "orders", ["a.csv"])
        with connected(made) as connection:
            rows = [tuple(row) for row in connection.execute(text("SELECT * FROM orders ORDER BY id"))]  # type: ignore[attr-defined]
            count = connection.execute(text("SELECT COUNT(*) FROM made")).scalar()  # type: ignore[attr-defined]
    assert count == 2
    assert (rows[0][0], rows[0][1], bool(rows[0][2]), str(rows[0][3]), rows[0][4]) == (
        1, 9.5, True, "2026-01-31 10:30:00", "é % :x",
    )  # fmt: skip
    assert rows[1] == (2, None, None, None, None)


@pytest.mark.service
@on_each_server
def test_a_given_server_is_used_and_what_was_killed_there_goes_once_it_is_old(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url: URL = databases._started[server][0]
    monkeypatch.setattr(databases, "_started", {})
    plain = url.set(drivername={"postgres": "postgres", "mysql": "mariadb"}[server].replace("postgres", "postgresql"))
    monkeypatch.setenv(GIVEN[server], plain.render_as_string(hide_password=False))
    old, young, other = (
        f"mergeflow_test_{int(time.time()) - 4 * 3600:08x}_0123456789ab",
        f"mergeflow_test_{int(time.time()) - 60:08x}_0123456789ab",
        "mergeflow_test_of_somebody",
    )
    for name in (old, young, other):
        databases._on(url, databases._CREATE[server].format(name))
    try:
        with database(server, tmp_path, "db") as made, connected(made) as connection:
            assert connection.execute(text("SELECT 1")).scalar() == 1  # type: ignore[attr-defined]
        left = {str(each) for each in databases._on(url, databases._LIST[server]) if str(each).startswith("mergeflow")}
        assert left == {young, other}
    finally:
        for name in (old, young, other):
            databases._on(url, databases._DROP[server].format(name))


STARTED = """
import os, signal, sys
from mergeflow.airflow.testing import databases
databases.serve("postgres")
server = databases._started["postgres"][1]
print(server.process.pid, server.folder.parent, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.service
def test_a_server_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    need(SERVERS["postgres"].found(), "apt-get install postgresql")
    done = subprocess.run([sys.executable, "-c", STARTED], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == -9
    pid, folder = done.stdout.split()
    deadline = time.monotonic() + 60
    while Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2][:3]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    databases._remove_orphans()
    assert not Path(folder).exists()
