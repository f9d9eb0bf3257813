"""The shipped site as a real server: its admin used as with a browser, its endpoints as by Airflow."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from tests.services.postgres import postgres
from tests.services.site import SiteServer, site

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def server() -> Iterator[SiteServer]:
    with site() as running:
        yield running


@pytest.fixture
def airflow(server: SiteServer) -> Iterator[httpx.Client]:
    """What Airflow makes of the site's connection: its login and password, by basic authentication."""
    with as_airflow(server) as client:
        yield client


def as_airflow(server: SiteServer) -> httpx.Client:
    connection = server.connection()
    login = str(connection["login"]), str(connection["password"])
    return httpx.Client(base_url=server.url, auth=login, trust_env=False, timeout=60)


def test_a_person_adds_a_kpi_and_a_simulator_and_sees_its_results(server: SiteServer, airflow: httpx.Client) -> None:
    with server.admin() as admin:
        page = admin.submit("/admin/mergeflow/kpi/add/", {"name": "Square", "formula": "open(value)"})
        assert "a formula does not know `open`" in page.text
        page = admin.submit("/admin/mergeflow/kpi/add/", {"name": "Square", "formula": "value ** 2"})
        assert "was added successfully" in page.text
        wrong = {"start_date": "2024-01-01", "interval": "often", "kpi": "3"}
        page = admin.submit("/admin/mergeflow/simulator/add/", wrong)
        assert "new simulator: `often` is no interval: write `30s`" in page.text
        page = admin.submit("/admin/mergeflow/simulator/add/", wrong | {"interval": "*/10 * * * * *"})
        assert "was added successfully" in page.text

        result = airflow.post("/kpi/", json={"value": -3, "kpi_id": 3}).json()["result"]
        assert result == 9
        row = {"simulator": 3, "run_id": "scheduled__3", "value": -3, "result": result}
        assert airflow.post("/results/", json=row).status_code == 201
        page = admin.client.get("/admin/mergeflow/result/", params={"simulator__id__exact": 3})
        assert "scheduled__3" in page.text
        assert "9.0" in page.text
    assert (
        httpx.get(f"{server.url}/results/?simulator=3", trust_env=False, timeout=60).json()["results"][0]["result"] == 9
    )


def test_admin_looks_as_it_should_and_lets_nobody_in_without_a_password(server: SiteServer) -> None:
    style = httpx.get(f"{server.url}/static/admin/css/base.css", trust_env=False, timeout=60)
    assert style.headers["content-type"].startswith("text/css")
    page = httpx.get(f"{server.url}/admin/mergeflow/kpi/", trust_env=False, timeout=60)
    assert (page.status_code, page.headers["location"]) == (302, "/admin/login/?next=/admin/mergeflow/kpi/")
    forged = httpx.post(
        f"{server.url}/admin/login/", data={"username": "admin", "password": "x"}, trust_env=False, timeout=60
    )
    assert forged.status_code == 403
    other = httpx.get(f"{server.url}/results/", headers={"Host": "evil.example"}, trust_env=False, timeout=60)
    assert other.status_code == 400


def test_a_run_that_is_stored_by_many_at_once_is_stored_once(airflow: httpx.Client) -> None:
    is_stored_once_by_many(airflow)


def test_the_same_holds_on_postgresql() -> None:
    with postgres() as database:
        where = f"postgresql://{database.user}:{quote(database.password, safe='')}@127.0.0.1:{database.port}"
        with site(f"{where}/{database.database}") as server, as_airflow(server) as airflow:
            is_stored_once_by_many(airflow)
            with server.admin() as admin:
                new = {"start_date": "2024-01-01", "interval": "5m", "kpi": "1"}
                admin.submit("/admin/mergeflow/simulator/add/", new)
                assert admin.client.get("/admin/mergeflow/simulator/3/change/").url.path.endswith("/3/change/")


def is_stored_once_by_many(airflow: httpx.Client) -> None:
    def store(value: int) -> httpx.Response:
        row = {"simulator": 2, "run_id": f"run {value % 4}", "value": value, "result": value + 6}
        return airflow.post("/results/", json=row, timeout=60)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(store, range(64)))
    assert Counter(each.status_code for each in answers) == {201: 4, 200: 60}
    listed = airflow.get("/results/?simulator=2").json()
    assert listed["count"] == 4
    stored = {row["run_id"]: row for row in listed["results"]}
    assert all(each.json() == stored[each.json()["run_id"]] for each in answers)


def test_a_site_that_was_down_has_kept_everything(server: SiteServer, airflow: httpx.Client) -> None:
    row = {"simulator": 1, "run_id": "before", "value": 1, "result": 3}
    assert airflow.post("/results/", json=row).status_code == 201
    server.stop()
    with pytest.raises(httpx.ConnectError):
        airflow.post("/results/", json=row)
    server.start()
    assert airflow.post("/results/", json=row).status_code == 200


def test_without_a_secret_key_it_does_not_start(server: SiteServer, tmp_path: Path) -> None:
    without = {name: value for name, value in server.environment.items() if name != "DJANGO_SECRET_KEY"}
    done = subprocess.run(
        [sys.executable, "-m", "mergeflow.django", "check"],
        env={"PATH": "/usr/bin", **without},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("mergeflow.django: DJANGO_SECRET_KEY is not set: ")
    assert done.stderr.count("\n") == 1


def test_a_database_that_is_not_ready_is_one_line(server: SiteServer, tmp_path: Path) -> None:
    empty = server.environment | {"DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}"}
    command = [sys.executable, "-m", "mergeflow.django", "add_examples"]
    done = subprocess.run(command, env=os.environ | empty, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("mergeflow.django: no such table: mergeflow_kpi; ")
    assert done.stderr.count("\n") == 1


def test_django_finds_nothing_to_say_about_it_behind_https(server: SiteServer) -> None:
    server.environment["DJANGO_HTTPS"] = "true"
    try:
        assert "no issues" in server.manage("check", "--deploy", "--fail-level=WARNING")
    finally:
        del server.environment["DJANGO_HTTPS"]
