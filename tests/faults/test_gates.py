"""Gates in a live Airflow: a broken critical expectation stops what waits, a warning does not, and both are sent."""

import json
from typing import Any

import pytest

from tests.faults.fleet import DAGS, ORDERS, Fleet
from tests.live import EMPTY, PATIENCE, until_live
from tests.services.mail import body, mail_server

GATE = "{{type: expectations, suite: shop/{suite}, file: prices.csv, on_failure: {on_failure}}}"
GATED = ("stops", "warns", "goes_on", "skips")
GATES = "\n".join(
    [
        "gates:",
        "  schedule: null",
        "  start_date: 2024-01-01",
        "  alerts: {on_failure: [{email: team@example.org}]}",
        "  tasks:",
        *(
            f"    {name}: {GATE.format(suite=suite, on_failure=on_failure)}\n"
            f"    after_{name}: {{operator: {EMPTY}, dependencies: [{name}]}}"
            for name, suite, on_failure in (
                ("stops", "strict", "fail"),
                ("warns", "lenient", "fail"),
                ("goes_on", "strict", "warn"),
                ("skips", "strict", "skip_downstream"),
            )
        ),
        "",
    ]
)
SUITE = """\
columns: {{card: {{type: text, sensitive: true}}}}
expectations:
- {{expectation: expect_column_values_to_be_between, column: price, min_value: 0, severity: {severity}}}
- {{expectation: expect_column_values_to_match_regex, column: card, regex: "^[0-9]+$", severity: warning}}
"""
FILES = {
    "configs/shop/gates.yaml": GATES,
    "configs/shop/orders.yaml": f"{ORDERS}\n",
    "validators/expectations/shop/strict.yaml": SUITE.format(severity="critical"),
    "validators/expectations/shop/lenient.yaml": SUITE.format(severity="warning"),
    "prices.csv": "price,card\n10,4711\n-5,0815x\n",
}


@pytest.mark.live
def test_what_is_critical_stops_a_warning_does_not_and_both_are_sent(fleet: Fleet) -> None:
    client = fleet.airflow.client
    with mail_server() as mails:
        connection: dict[str, Any] = json.loads(mails.connection())
        body_of = {"connection_id": "smtp_default", **connection, "extra": json.dumps(connection["extra"])}
        client._http.call("POST", "/api/v2/connections", body_of)
        try:
            until_live(fleet.airflow, DAGS | {"gates"}, fleet.origin.push(FILES))
            run = fleet.airflow.wait_for_run(client.trigger("gates", unpause=True), timeout=2 * PATIENCE)
            states = {each.task_id: each.state for each in client.tasks("gates", run.run_id)}
            logs = "".join(line for task in GATED for line in client.logs("gates", run.run_id, task))
        finally:
            client._http.call("DELETE", "/api/v2/connections/smtp_default")
    assert {name: (states[name], states[f"after_{name}"]) for name in GATED} == {
        "stops": ("failed", "upstream_failed"),
        "warns": ("success", "success"),
        "goes_on": ("success", "success"),
        "skips": ("success", "skipped"),
    }
    sent = {mail["subject"]: body(mail) for mail in mails.received}
    assert set(sent) == {
        "Failed: gates.stops (try 1 of 1)",
        *(f"Data warning: gates.{name} (try 1 of 1)" for name in ("warns", "goes_on", "skips")),
    }
    for subject, said in sent.items():
        severity = "warning" if "warns" in subject else "critical"
        assert f"{severity}: expect_column_values_to_be_between (column: price, min_value: 0): 1 of 2 values" in said
        assert "warning: expect_column_values_to_match_regex (column: card" in said
    reports = sorted((fleet.airflow.settings.home / "mergeflow-reports").rglob("*.json"))
    found = [json.loads(file.read_text()) for file in reports]
    told = {each["task_id"]: each["result"] for each in found if each.get("dag_id") == "gates"}
    assert {name: result["success"] for name, result in told.items()} == {
        **dict.fromkeys(("stops", "goes_on", "skips"), False),
        "warns": True,
    }
    for result in told.values():
        assert [each["status"] for each in result["outcomes"]].count("failed") == 2, "both are in the report"
    assert "0815x" not in "".join(sent.values()) + logs + json.dumps(found)
