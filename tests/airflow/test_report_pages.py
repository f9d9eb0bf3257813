"""What Airflow's API server answers for reports: who is let in, and what a path can and cannot reach."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI

from mergeflow.airflow import reports
from mergeflow.airflow.plugin import MergeflowPlugin, Pages
from mergeflow.airflow.report_link import QualityReport
from mergeflow.quality.reports import Try, store
from tests.browser.reports import report, usual

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Airflow's API server imports what Starlette has deprecated
    from airflow.api_fastapi.core_api import security
    from fastapi.testclient import TestClient

    from mergeflow.airflow import report_pages

BROWSER = {"Accept": "text/html,application/xhtml+xml"}
READABLE = {"mine", "transactions_hourly"}


class Manager:
    """Lets anybody with the token `good` read the logs of some DAGs."""

    def is_authorized_dag(self, *, method: str, access_entity: Any, details: Any, user: str) -> bool:
        assert (method, access_entity.name, user) == ("GET", "TASK_LOGS", "somebody")
        return details.id in READABLE

    def get_authorized_dag_ids(self, *, user: str) -> set[str]:
        assert user == "somebody"
        return READABLE

    async def get_user_from_token(self, token: str) -> str:
        if token != "good":
            raise security.InvalidTokenError
        return "somebody"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(reports.LOCATION, str(tmp_path / "reports"))
    return tmp_path / "reports"


@pytest.fixture
def client(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A browser that is logged in; `/other` stands for the rest of Airflow's interface."""
    assert folder
    for module in (security, report_pages):
        monkeypatch.setattr(module, "get_auth_manager", Manager)
    monkeypatch.setattr(security.DagModel, "get_team_name", lambda _: None)
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "http://testserver/team")
    app = FastAPI()
    app.mount(reports.PREFIX, Pages())
    with TestClient(app, follow_redirects=False, cookies={"_token": "good"}) as made:
        yield made


def path(**more: Any) -> str:
    given = {"dag_id": "transactions_hourly", "task_id": "check_transactions", "run_id": report(usual())["run_id"]}
    return reports.path_of(Try(**{**given, **more}))


@pytest.mark.parametrize("where", ["/", "/mine", "/mine/t/-1/1/r"])
def test_nobody_reads_without_a_login(client: TestClient, where: str) -> None:
    client.cookies.clear()
    assert client.get(reports.PREFIX + where).status_code == 401
    sent = client.get(reports.PREFIX + where, headers=BROWSER)
    here = quote(f"/team{reports.PREFIX}{where}", safe="")
    assert (sent.status_code, sent.headers["location"]) == (303, f"/team/api/v2/auth/login?next={here}")


@pytest.mark.parametrize("token", ["bad", "", "good2"])
def test_a_token_that_is_none_is_refused(client: TestClient, folder: Path, token: str) -> None:
    store(folder, report(usual()))
    client.cookies.clear()
    client.cookies.set("_token", token)
    assert client.get(path()).status_code in {401, 403}
    client.cookies.clear()
    assert client.get(path(), headers={"Authorization": f"Bearer {token}"}).status_code in {401, 403}


def test_who_may_not_read_a_dag_learns_nothing_of_its_reports(client: TestClient, folder: Path) -> None:
    store(folder, report(usual(), dag_id="secret", task_id="t", run_id="r"))
    for where in (
        path(dag_id="secret", task_id="t", run_id="r"),
        path(dag_id="secret", task_id="no"),
        f"{reports.PREFIX}/secret",
    ):
        answer = client.get(where)
        assert answer.status_code == 403
        assert "may not read" in answer.text
    assert "secret" not in client.get(f"{reports.PREFIX}/").text


def test_no_path_leaves_a_dags_own_folder(client: TestClient, folder: Path) -> None:
    name = Path(store(folder, report(usual(), dag_id="secret", task_id="t", run_id="r"))).name
    (folder / "mine").mkdir()
    for run_id in (
        "../../secret/t",
        f"../../secret/t/{name}",
        "..",
        f"../../secret/t/{name}\0",
        "/etc/passwd",
        "%2e%2e",
    ):
        for task_id in ("..", "../secret", "../secret/t", "t", ".", "%2e%2e", "..\\secret\\t"):
            answer = client.get(path(dag_id="mine", task_id=task_id, run_id=run_id))
            assert answer.status_code in {403, 404}, (task_id, run_id)
    for dag_id in ("..", "mine/../secret", "mine%2f..%2fsecret", "%2e%2e/secret"):
        assert client.get(f"{reports.PREFIX}/{dag_id}/t/-1/1/r").status_code in {403, 404}, dag_id


@pytest.mark.parametrize(
    "where", ["mine/t/x/1/r", "mine/t/-1/x/r", "mine/t/-2/1/r", f"mine/t/{'9' * 99}/1/r", "mine/t", "mine/t/-1/1"]
)
def test_what_is_no_address_of_a_report_is_not_found(client: TestClient, where: str) -> None:
    answer = client.get(f"{reports.PREFIX}/{where}")
    assert (answer.status_code, "There is no such report" in answer.text) == (404, True)


def test_a_report_that_is_missing_says_why_it_may_be(client: TestClient) -> None:
    answer = client.get(path())
    assert answer.status_code == 404
    assert "too old to be kept" in answer.text
    assert reports.LOCATION in answer.text


def test_a_place_that_cannot_be_read_is_no_traceback(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(reports.LOCATION, "nonsense://bucket")
    for where in (path(), f"{reports.PREFIX}/", f"{reports.PREFIX}/mine"):
        answer = client.get(where)
        assert (answer.status_code, "out of reach" in answer.text) == (503, True)
        assert "nonsense" not in answer.text


def test_a_report_is_a_page_that_runs_and_fetches_nothing(client: TestClient, folder: Path) -> None:
    store(folder, report(usual(3)))
    answer = client.get(path())
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["cache-control"] == "private, no-store"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'self'" in policy
    assert "1 critical expectation is broken" in answer.text


def test_a_page_leads_to_the_run_in_airflow_to_other_tries_and_to_the_indexes(client: TestClient, folder: Path) -> None:
    run_id = "a/b c"
    for number in (1, 2):
        store(folder, report(usual(), run_id=run_id, try_number=number, map_index=3))
    text = client.get(path(run_id=run_id, map_index=3, try_number=2)).text
    assert 'href="/team/dags/transactions_hourly/runs/a%2Fb%20c/tasks/check_transactions/mapped/3?try_number=2"' in text
    assert f'href="/team{path(run_id=run_id, map_index=3, try_number=1)}"' in text
    assert f'href="/team{reports.PREFIX}/"' in text
    assert f'href="/team{reports.PREFIX}/transactions_hourly"' in text


def test_an_index_shows_what_may_be_read_and_leads_there(client: TestClient, folder: Path) -> None:
    for number, dag_id in enumerate(("mine", "other", "transactions_hourly")):
        store(folder, report(usual(), number, dag_id=dag_id))
    found = client.get(f"{reports.PREFIX}/").text
    assert (
        f'href="/team{path()}"'.replace(quote(report([])["run_id"], safe=""), quote(report([], 2)["run_id"], safe=""))
        in found
    )
    assert f'href="/team{reports.PREFIX}/mine"' in found
    assert "other" not in found
    only = client.get(f"{reports.PREFIX}/mine").text
    assert "Data quality of" in only
    assert "transactions_hourly" not in only


def test_an_empty_index_says_so(client: TestClient) -> None:
    assert "No task has left a report yet" in client.get(f"{reports.PREFIX}/").text


def test_the_button_leads_to_the_try_that_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.example/team")
    key: Any = SimpleNamespace(dag_id="d", task_id="t", run_id="r", map_index=-1, try_number=2)
    link = QualityReport().get_link(SimpleNamespace(), ti_key=key)  # type: ignore[arg-type]
    assert link == "https://airflow.example/team/mergeflow/reports/d/t/-1/2/r"


def test_the_plugin_tells_airflow_of_pages_and_button() -> None:
    from airflow import plugins_manager

    plugins_manager.ensure_plugins_loaded()
    told = next(each for each in plugins_manager.get_plugin_info() if each["name"] == MergeflowPlugin.name)
    assert [each["url_prefix"] for each in told["fastapi_apps"]] == [reports.PREFIX]
    assert [each["destination"] for each in told["external_views"]] == ["nav"]
    assert any("QualityReport" in each for each in told["operator_extra_links"])
