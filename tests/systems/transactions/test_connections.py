"""An Airflow connection as an engine: what it refuses, what it passes on, and whom it asks."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from airflow.sdk.exceptions import AirflowNotFoundException

from mergeflow.airflow.connections import engine

ASK = "from mergeflow.airflow.connections import engine; print(engine('asked').url.database)"


def test_a_connection_that_airflow_does_not_know_is_named() -> None:
    with pytest.raises(AirflowNotFoundException, match="`nowhere`"):
        engine("nowhere")


def test_a_type_without_a_driver_is_refused_without_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_ODD", "ftp://me:s3cret@example.org")
    with pytest.raises(ValueError, match="`odd` has the type `ftp`") as refusal:
        engine("odd")
    assert "s3cret" not in str(refusal.value)


@pytest.mark.parametrize("host", ["", "here.db"])
def test_a_relative_sqlite_file_is_refused(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_FILE", json.dumps({"conn_type": "sqlite", "host": host}))
    with pytest.raises(ValueError, match="`file` needs the absolute path"):
        engine("file")


@pytest.mark.parametrize("uri", ["sqlite:///{}", "sqlite://{quoted}"])
def test_an_sqlite_file_is_found_in_either_uri_and_its_folder_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, uri: str
) -> None:
    file = tmp_path / "new" / "x.db"
    monkeypatch.setenv("AIRFLOW_CONN_FILE", uri.format(file, quoted=str(file).replace("/", "%2F")))
    made = engine("file")
    assert made.url.database == str(file)
    made.connect().close()
    made.dispose()
    assert file.exists()


@pytest.mark.parametrize(
    ("conn_type", "driver", "option"),
    [
        ("postgres", "postgresql+psycopg", "sslmode"),
        ("postgresql", "postgresql+psycopg", "sslmode"),
        ("mysql", "mysql+pymysql", "charset"),
        ("mariadb", "mysql+pymysql", "charset"),
    ],
)
def test_a_server_gets_the_password_as_it_is_and_what_its_driver_knows_of_extra(
    monkeypatch: pytest.MonkeyPatch, conn_type: str, driver: str, option: str
) -> None:
    password = "a@b:c/d%25#?"
    described = {"conn_type": conn_type, "host": "h", "port": 1, "login": "me", "password": password, "schema": "d"}
    extra = {option: "o", "cursor": "unknown to drivers"}
    monkeypatch.setenv("AIRFLOW_CONN_SERVER", json.dumps({**described, "extra": extra}))
    url = engine("server").url
    assert (url.drivername, url.host, url.port, url.username, url.database) == (driver, "h", 1, "me", "d")
    assert url.password == password
    assert dict(url.query) == {"connect_timeout": "10", option: "o"}
    assert password not in repr(url)


@pytest.mark.parametrize("variables", [{}, {"AIRFLOW_CTX_TASK_ID": "t", "__AIRFLOW_SUPERVISOR_FD": "99"}])
def test_a_script_without_a_supervisor_asks_the_environment_and_never_waits(
    tmp_path: Path, variables: dict[str, str]
) -> None:
    silent, other = socket.socketpair()
    with silent, other:
        done = subprocess.run(
            [sys.executable, "-c", ASK],
            stdin=other,
            env={**os.environ, "AIRFLOW_CONN_ASKED": f"sqlite:///{tmp_path}/x.db", **variables},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.stdout.strip() == f"{tmp_path}/x.db", done.stderr
