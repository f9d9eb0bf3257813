"""Bad data in a live Airflow: its task fails, and leads who may read it, and nobody else, to the page of what broke."""

import http.client
from typing import Any
from urllib.parse import urlsplit

import pytest

from mergeflow.airflow.reports import PREFIX
from tests.faults.fleet import DAGS, ORDERS, Fleet
from tests.live import EMPTY, PATIENCE, until_live

GATED = f"""\
gated:
  schedule: null
  default_args: {{owner: shop}}
  tasks:
    gate: {{type: expectations, suite: shop/prices, file: prices.csv, retries: 0}}
    sell: {{operator: {EMPTY}, dependencies: [gate]}}
"""
SUITE = """\
columns:
  price: {type: number}
  card: {type: text, sensitive: true}
expectations:
  - {expectation: expect_column_values_to_be_between, column: price, min_value: 0}
  - {expectation: expect_column_values_to_match_regex, column: card, regex: "^[0-9]+$", severity: warning}
"""
ROWS = "price,card\n10,4711\n-5,0815x\n"
NAME = "Data quality report"


def answer(address: str, **headers: str) -> tuple[int, dict[str, str], str]:
    """What the API server says to exactly this address; no client tidies it up."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=30)
    try:
        connection.request("GET", address.split(parts.netloc, 1)[1], headers=headers)
        given = connection.getresponse()
        return given.status, {name.lower(): value for name, value in given.getheaders()}, given.read().decode()
    finally:
        connection.close()


@pytest.mark.live
def test_a_task_that_stops_bad_data_leads_to_its_report(fleet: Fleet) -> None:
    airflow, client = fleet.airflow, fleet.airflow.client
    files = {"configs/shop/gated.yaml": GATED, "validators/expectations/shop/prices.yaml": SUITE, "prices.csv": ROWS}
    until_live(airflow, DAGS | {"gated"}, fleet.origin.push({**files, "configs/shop/orders.yaml": f"{ORDERS}\n"}))
    run = airflow.wait_for_run(client.trigger("gated", unpause=True), timeout=2 * PATIENCE)
    states = {each.task_id: each.state for each in client.tasks("gated", run.run_id)}
    assert states == {"gate": "failed", "sell": "upstream_failed"}

    task = f"/api/v2/dags/gated/dagRuns/{run.run_id.replace('+', '%2B')}/taskInstances"
    links: dict[str, Any] = client._http.call("GET", f"{task}/gate/links")["extra_links"]
    address = links[NAME]
    assert address.startswith(f"{airflow.settings.url}{PREFIX}/gated/gate/-1/1/")
    assert NAME not in client._http.call("GET", f"{task}/sell/links")["extra_links"]

    token = client._http._token
    for credentials in ({"Authorization": f"Bearer {token}"}, {"Cookie": f"_token={token}"}):
        status, headers, page = answer(address, **credentials)
        assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
        for each in ("1 critical expectation is broken", "shop/prices", "1 of 2 values", ">-5", "•••", run.commit[:12]):
            assert each in page
        assert "0815" not in page
    assert f'href="{urlsplit(address).path}"' in answer(f"{airflow.settings.url}{PREFIX}/", Cookie=f"_token={token}")[2]

    for refused in ({}, {"Cookie": "_token=no"}, {"Authorization": f"Bearer {token}x"}):
        status, _, page = answer(address, **refused)
        assert (status, "shop/prices" in page) in {(401, False), (403, False)}
    status, headers, _ = answer(address, Accept="text/html")
    assert (status, headers["location"].partition("=")[0]) == (303, "/api/v2/auth/login?next")
    landed, headers, _ = answer(f"{airflow.settings.url}{headers['location']}", Accept="text/html")
    assert landed in {302, 303, 307}
    assert PREFIX.replace("/", "%2F") in headers["location"]

    for wrong in (
        "gated/gate/-1/2/x",
        "gated/../../../etc/passwd",
        "gated/gate/-1/1/..%2F..%2F..",
        "%2e%2e/%2e%2e/-1/1/x",
    ):
        status, _, page = answer(f"{airflow.settings.url}{PREFIX}/{wrong}", Cookie=f"_token={token}")
        assert (status, "There is no such report" in page) == (404, True), wrong
