"""DAGs really run by Airflow: what bad data does to what waits for it, and where people see it."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.live import EMPTY
from tests.services.mail import Mails, body, mail_server

PROGRAM = ROOT / "tests/airflow/notifiers/run_dags.py"
SECRET = "alice@example.org"
DEFAULTS = """\
schedule: null
start_date: 2024-01-01
alerts: {on_failure: [{email: team@example.org}]}
"""
BODY = f"""\
  tasks:
    check:
      type: expectations
      suite: team/{{suite}}
      conn_id: data
      table: orders
      on_failure: {{on_failure}}
      outlets: [{{{{__type__: airflow.sdk.Asset, uri: "file://data/{{name}}"}}}}]
    use: {{{{operator: {EMPTY}, dependencies: [check]}}}}
    always: {{{{operator: {EMPTY}, trigger_rule: all_done, dependencies: [use]}}}}
"""
DAGS = {
    "fine": ("holds", "fail"),
    "stops": ("breaks", "fail"),
    "warned": ("warns", "fail"),
    "goes_on": ("breaks", "warn"),
    "skips": ("breaks", "skip_downstream"),
}
SUITES = {
    "holds": "- {expectation: expect_table_row_count_to_equal, value: 3}\n",
    "warns": "- {expectation: expect_column_values_to_be_between, column: amount, min_value: 0, severity: warning}\n",
    "breaks": """\
- {expectation: expect_column_values_to_match_regex, column: email, regex: "[.]com$"}
- {expectation: expect_column_values_to_be_between, column: amount, min_value: 0, severity: warning}
""",
    "rows": "- {expectation: expect_column_values_to_be_unique, column: id}\n",
}
OTHERS = """\
quiet:
  alerts: {on_warning: []}
  tasks: {check: {type: expectations, suite: team/warns, conn_id: data, table: orders}}
rows:
  task_groups: {loading: {tooltip: what loads}}
  tasks:
    load: {type: python, callable: callables.team.rows.load, task_group_name: loading}
    check: {type: expectations, suite: team/rows, task: load, dependencies: [load]}
    none: {type: python, callable: callables.team.rows.nothing}
    check_none: {type: expectations, suite: team/rows, task: none, dependencies: [none]}
"""

MAPPED = f"""\
mapped:
  tasks:
    check:
      operator: mergeflow.airflow.operators.expectations.ExpectationsOperator
      partial: {{suite: team/rows, on_failure: skip_downstream}}
      expand: {{file: [unique.csv, twice.csv]}}
    use: {{operator: {EMPTY}, dependencies: [check]}}
    always: {{operator: {EMPTY}, trigger_rule: all_done, dependencies: [use]}}
instances:
  tasks:
    check: {{type: expectations, suite: team/rows, file: twice.csv, on_failure: skip_downstream}}
    use: &over
      operator: airflow.providers.standard.operators.bash.BashOperator
      trigger_rule: all_done
      expand: {{bash_command: [echo 1, echo 2]}}
      dependencies: [check]
    always: {{<<: *over, dependencies: [use]}}
"""


@dataclass(frozen=True)
class Ran:
    """What the DAGs have left behind."""

    states: dict[str, dict[str, Any]]
    assets: dict[str, dict[str, Any]]
    mails: Mails
    reports: dict[str, Any]
    said: str


@pytest.fixture(autouse=True)
def fleet() -> None:
    """No Airflow has to be there: each DAG is run once by itself."""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    root = tmp_path_factory.mktemp("repository")
    files = {
        "configs/defaults.yml": DEFAULTS,
        "configs/team/others.yaml": OTHERS,
        "configs/team/mapped.yaml": MAPPED,
        "unique.csv": "id\n1\n2\n",
        "twice.csv": "id\n2\n2\n",
        "dags/team.py": 'from mergeflow.airflow import load_dags\n\nload_dags(globals(), "team")\n',
        "dags/callables/team/rows.py": "def load():\n    return [{'id': 1}, {'id': 2}, {'id': 2}]\n\n\ndef nothing():\n"
        "    return None\n",
    }
    for name, (suite, on_failure) in DAGS.items():
        text = f"{name}:\n{BODY.format(name=name, suite=suite, on_failure=on_failure)}"
        files[f"configs/team/{name}.yaml"] = text
    for name, listed in SUITES.items():
        columns = "" if name == "rows" else "columns: {email: {type: text, sensitive: true}}\n"
        files[f"validators/expectations/team/{name}.yaml"] = f"{columns}expectations:\n{listed}"
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    with sqlite3.connect(root / "data.db") as connection:
        connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, email TEXT, amount INTEGER)")
        rows = [(1, SECRET, 5), (2, "bob@example.com", -7), (3, "eve@example.com", 0)]
        connection.executemany("INSERT INTO orders VALUES (?, ?, ?)", rows)
    connection.close()
    with mail_server() as mails:
        yield _run(root, mails)


def _run(root: Path, mails: Mails) -> Ran:
    variables = {
        "AIRFLOW_CONN_SMTP_DEFAULT": mails.connection(),
        "AIRFLOW_CONN_DATA": json.dumps({"conn_type": "sqlite", "host": str(root / "data.db")}),
        "MERGEFLOW_REPORTS": str(root / "reports"),
        "NO_PROXY": "127.0.0.1",
        "PYTHONPATH": str(ROOT / "sdk"),
    }
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("AIRFLOW")}
    dag_ids = [*DAGS, "quiet", "rows", "mapped", "instances"]
    command = [sys.executable, str(PROGRAM), str(root), *dag_ids]
    done = subprocess.run(command, env=inherited | variables, capture_output=True, text=True, timeout=180, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-6000:]
    logs = dict(part.split("\n", 1) for part in said.split("RUN ") if part.split("\n")[0] in dag_ids)
    states = {name: json.loads(_line(log, "STATES ")) for name, log in logs.items()}
    assets = json.loads(_line(said, "ASSETS "))
    found = [json.loads(file.read_text()) for file in sorted((root / "reports").rglob("*.json"))]
    reports = {f"{each['dag_id']}.{each['task_id']}": each for each in found if "dag_id" in each}
    return Ran(states, assets, mails, reports, said)


def _line(text: str, mark: str) -> str:
    return next(line.partition(mark)[2] for line in text.splitlines() if mark in line)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("fine", {"run": "success", "check -1": "success", "use -1": "success", "always -1": "success"}),
        ("stops", {"run": "success", "check -1": "failed", "use -1": "upstream_failed", "always -1": "success"}),
        ("warned", {"run": "success", "check -1": "success", "use -1": "success", "always -1": "success"}),
        ("goes_on", {"run": "success", "check -1": "success", "use -1": "success", "always -1": "success"}),
        ("skips", {"run": "success", "check -1": "success", "use -1": "skipped", "always -1": "skipped"}),
    ],
)
def test_what_bad_data_does_to_what_waits_for_it(ran: Ran, name: str, expected: dict[str, str]) -> None:
    assert ran.states[name] == expected


def test_one_instance_of_a_mapped_gate_is_enough_to_skip_what_waits(ran: Ran) -> None:
    states = ran.states["mapped"]
    assert states.pop("run") == "success"
    assert states == {"check 0": "success", "check 1": "success", "use -1": "skipped", "always -1": "skipped"}


def test_each_instance_of_what_waits_is_skipped(ran: Ran) -> None:
    names = ("use 0", "use 1", "always 0", "always 1")
    assert ran.states["instances"] == {"run": "success", "check -1": "success", **dict.fromkeys(names, "skipped")}


def test_both_what_stops_and_what_does_not_are_in_the_mail(ran: Ran) -> None:
    mails = {mail["subject"]: body(mail) for mail in ran.mails.received}
    assert set(mails) == {
        "Failed: stops.check (try 1 of 1)",
        "Data warning: warned.check (try 1 of 1)",
        "Data warning: goes_on.check (try 1 of 1)",
        "Data warning: skips.check (try 1 of 1)",
        "Data warning: mapped.check [1] (try 1 of 1)",
        "Data warning: instances.check (try 1 of 1)",
        "Failed: rows.check (try 1 of 1)",
        "Failed: rows.check_none (try 1 of 1)",
    }
    critical = (
        "critical: expect_column_values_to_match_regex (column: email, regex: [.]com$): 1 of 3 values, such as •••"
    )
    warning = (
        "warning: expect_column_values_to_be_between (column: amount, min_value: 0): 1 of 3 values, such as -7 (id 2)"
    )
    for subject, said in mails.items():
        if not any(name in subject for name in ("rows", "mapped", "instances")):
            assert warning in said
            assert (critical in said) is ("warned" not in subject)
    assert (
        "has found data that is not as expected, and has not failed."
        in mails["Data warning: goes_on.check (try 1 of 1)"]
    )


def test_both_are_in_the_report(ran: Ran) -> None:
    for name, critical in (("stops", "failed"), ("goes_on", "failed"), ("skips", "failed")):
        outcomes = ran.reports[f"{name}.check"]["result"]["outcomes"]
        assert [each["status"] for each in outcomes if each["expectation"].endswith("regex")] == [critical]
        assert [each["status"] for each in outcomes if each["severity"] == "warning"] == ["failed"]
        assert ran.reports[f"{name}.check"]["on_failure"] == DAGS[name][1]
    assert ran.reports["fine.check"]["result"]["success"] is True


def test_a_sensitive_value_is_in_no_mail_no_report_and_no_log(ran: Ran) -> None:
    everywhere = ran.said + json.dumps(ran.reports) + "".join(body(mail) for mail in ran.mails.received)
    assert "•••" in everywhere or "\\u2022" in everywhere
    assert SECRET not in everywhere


def test_the_result_is_with_the_asset_and_a_skip_updates_none(ran: Ran) -> None:
    assert set(ran.assets) == {"file://data/fine", "file://data/warned", "file://data/goes_on"}
    assert ran.assets["file://data/fine"]["expectations"]["success"] is True
    assert ran.assets["file://data/goes_on"]["expectations"]["success"] is False
    assert ran.assets["file://data/warned"]["expectations"]["warnings"] == 1


def test_an_empty_list_keeps_warnings_to_the_log(ran: Ran) -> None:
    assert ran.states["quiet"] == {"run": "success", "check -1": "success"}
    assert not [mail["subject"] for mail in ran.mails.received if "quiet" in mail["subject"]]


def test_rows_of_another_task_are_held_against_a_suite(ran: Ran) -> None:
    assert ran.states["rows"]["check -1"] == "failed"
    (outcome,) = [each for each in ran.reports["rows.check"]["result"]["outcomes"] if "unique" in each["expectation"]]
    assert outcome["found"] == "2 of 3 values, such as 2 (row 2), 2 (row 3)"
    assert ran.states["rows"]["check_none -1"] == "failed"
    assert "it has returned nothing" in ran.reports["rows.check_none"]["error"]
