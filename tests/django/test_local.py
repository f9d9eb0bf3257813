"""The site beside a local Airflow: set up by itself, reached with what the state folder holds, gone when told."""

import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from mergeflow.airflow.local.supervisor import check_port
from mergeflow.django import local
from tests.services.server import free_port


@contextmanager
def running(state: Path, port: int) -> Iterator[httpx.Client]:
    """The process that `mergeflow up --site` keeps, in a shell that knows another site."""
    environment = os.environ | {"DATABASE_URL": "postgresql://elsewhere/x", "DJANGO_DEBUG": "true"}
    with (state.parent / "log").open("ab") as log:
        process = subprocess.Popen(local.command(state, port), env=environment, stdout=log, stderr=log)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as client:
            deadline = time.monotonic() + 120
            while True:
                assert process.poll() is None, (state.parent / "log").read_text()
                try:
                    client.get("/results/").raise_for_status()
                    break
                except httpx.TransportError:
                    assert time.monotonic() < deadline
                    time.sleep(0.1)
            yield client
    finally:
        process.terminate()
        process.wait(60)


@pytest.mark.service
def test_the_site_sets_itself_up_and_keeps_what_it_has(tmp_path: Path) -> None:
    state, port = tmp_path / "state", free_port()
    described = local.connection(state, port)
    login = (described["login"], described["password"])
    row = {"simulator": 1, "run_id": "r", "value": 40, "result": 42}
    with running(state, port) as client:
        assert client.post("/kpi/", json={"value": 40, "kpi_id": 1}).status_code == 401
        assert client.post("/kpi/", json={"value": 40, "kpi_id": 1}, auth=login).json() == {"result": 42}
        assert client.post("/results/", json=row, auth=login).status_code == 201
    check_port(port)
    with running(state, port) as client:
        assert client.post("/results/", json=row, auth=login).status_code == 200
    log = (tmp_path / "log").read_text()
    assert described["password"] not in log
    assert "This site has KPIs already" in log


def test_what_is_made_up_is_made_up_once_and_is_nobody_elses(tmp_path: Path) -> None:
    made = local.access(tmp_path / "state")
    assert local.access(tmp_path / "state") == made
    assert local.access(tmp_path / "other") != made
    file = local.access_file(tmp_path / "state")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text())["password"] == made.password
    file.write_text("{broken")
    assert local.access(tmp_path / "state") != made
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_nothing_of_django_is_imported_to_know_the_connection(tmp_path: Path) -> None:
    program = "import sys; from pathlib import Path; from mergeflow.django import local;"
    program += "local.connection(Path(sys.argv[1]), 1); assert 'django' not in sys.modules"
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True)
