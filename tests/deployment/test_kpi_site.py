"""The simulators' site as the deployment starts it: on PostgreSQL, set up by itself, healthy, and reached by token."""

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psycopg
import pytest
import yaml

from tests.deployment.interpolation import interpolate
from tests.deployment.topology import settings_for_test
from tests.services.postgres import postgres
from tests.services.server import free_port

ROOT = Path(__file__).parents[2]


@pytest.mark.service
def test_the_service_starts_on_an_empty_database_and_answers(tmp_path: Path) -> None:
    compose = interpolate(yaml.safe_load((ROOT / "docker-compose.yml").read_text()), settings_for_test(tmp_path))
    service, database = compose["services"]["kpi-site"], compose["services"]["kpi-db"]["environment"]
    port = free_port()
    with postgres() as server:
        with psycopg.connect(server.conninfo("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE ROLE kpi LOGIN PASSWORD '{database['POSTGRES_PASSWORD']}'")
            connection.execute("CREATE DATABASE kpi OWNER kpi")

        def local(text: str) -> str:
            return text.replace("kpi-db:5432", f"127.0.0.1:{server.port}").replace("0.0.0.0:8000", f"127.0.0.1:{port}")

        path = os.pathsep.join([str(Path(sys.executable).parent), os.defpath])
        environment = {key: local(value) for key, value in service["environment"].items()} | {"PATH": path}
        log = tmp_path / "log"
        with log.open("wb") as stream:
            command = [local(part) for part in service["command"]]
            process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=stream, stderr=stream)
        try:
            _, *test = (part.replace("127.0.0.1:8000", f"127.0.0.1:{port}") for part in service["healthcheck"]["test"])
            deadline = time.monotonic() + 180
            while subprocess.run(test, env=environment, capture_output=True, check=False).returncode:
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
            login = ("airflow", environment["MERGEFLOW_SITE_TOKEN"])
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, auth=login, timeout=60) as client:
                assert client.post("/kpi/", json={"value": 40, "kpi_id": 1}).json() == {"result": 42}
                assert client.get("/admin/login/").is_success
                assert client.get("/results/", headers={"Host": "elsewhere"}).status_code == 400
        finally:
            process.terminate()
            process.wait(60)
    assert environment["MERGEFLOW_SITE_TOKEN"] not in log.read_text()
