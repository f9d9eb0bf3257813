"""DAGs really run by Airflow, and the mails that come of it, read as a person would."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.services.mail import PASSWORD, Hook, Mails, body, mail_server, webhook
from tests.services.server import free_port

BASH = "airflow.providers.standard.operators.bash.BashOperator"
PROGRAM = Path(__file__).with_name("run_dags.py")
FILES = {
    "configs/defaults.yml": """\
default_args: {retry_delay: 0.1}
schedule: null
start_date: 2024-01-01
alerts: {on_failure: [{email: team@example.org}]}
""",
    "configs/team/orders.yaml": f"""\
orders:
  alerts: {{on_retry: [{{email: [team@example.org, lead@example.org], subject: "Größe: {{{{ ti.task_id }}}}"}}]}}
  default_args: {{on_failure_callback: callables.team.told.of_default_args}}
  task_groups: {{warehouse: {{tooltip: all of it}}}}
  tasks:
    extract: {{operator: {BASH}, bash_command: exit 0}}
    load:
      operator: {BASH}
      bash_command: exit 3
      retries: 1
      dependencies: [extract]
      on_failure_callback: {{callback: callables.team.told.of_task, word: own}}
    report: {{operator: {BASH}, bash_command: exit 0, dependencies: [load]}}
    countries:
      operator: {BASH}
      expand: {{bash_command: ["exit 0", "exit 5"]}}
    clean: {{operator: {BASH}, bash_command: exit 6, task_group_name: warehouse}}
""",
    "configs/team/others.yaml": f"""\
quiet:
  alerts: {{on_failure: []}}
  tasks:
    load: {{operator: {BASH}, bash_command: exit 3}}
proud:
  alerts: {{on_success: [{{webhook: {{connection: chat, path: /done}}}}, {{log: {{}}}}]}}
  tasks:
    load: {{operator: {BASH}, bash_command: exit 0}}
unreachable:
  alerts:
    on_failure: [{{email: team@example.org, connection: down}}]
    on_success: [{{email: team@example.org, connection: down}}]
  tasks:
    load: {{operator: {BASH}, bash_command: exit 3}}
    extract: {{operator: {BASH}, bash_command: exit 0}}
""",
    "dags/team.py": 'from mergeflow.airflow import load_dags\n\nload_dags(globals(), "team")\n',
    "dags/callables/team/told.py": """\
def of_default_args(context):
    print("TOLD default_args", context["ti"].task_id)

def of_task(context, word):
    print("TOLD", word, context["ti"].task_id)
    raise RuntimeError("a callback of the team's own is broken")
""",
}


@dataclass(frozen=True)
class Ran:
    """What four DAGs have left behind: states of their tasks, their logs, mails, what the webhook got."""

    states: dict[str, dict[str, Any]]
    logs: dict[str, str]
    mails: Mails
    hook: Hook


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    root = tmp_path_factory.mktemp("repository")
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    dag_ids = ("orders", "quiet", "proud", "unreachable")
    with mail_server() as mails, webhook() as hook:
        connections = {
            "AIRFLOW_CONN_SMTP_DEFAULT": mails.connection(),
            "AIRFLOW_CONN_DOWN": Mails(free_port()).connection(login="airflow", password=PASSWORD),
            "AIRFLOW_CONN_CHAT": hook.connection(),
        }
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("AIRFLOW")}
        done = subprocess.run(
            [sys.executable, PROGRAM, root, *dag_ids],
            env=inherited | connections | {"NO_PROXY": "127.0.0.1", "PYTHONPATH": str(ROOT / "sdk")},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        said = done.stdout + done.stderr
        assert done.returncode == 0, said[-6000:]
        logs = dict(part.split("\n", 1) for part in said.split("RUN ") if part.split("\n")[0] in dag_ids)
        lines = {dag_id: next(line for line in log.splitlines() if "STATES " in line) for dag_id, log in logs.items()}
        states = {dag_id: json.loads(line.partition("STATES ")[2]) for dag_id, line in lines.items()}
        yield Ran(states, logs, mails, hook)


def test_every_failed_task_is_a_mail_and_no_other(ran: Ran) -> None:
    assert ran.states["orders"] == {
        "run": "failed",
        "extract -1": "success",
        "load -1": "failed",
        "report -1": "upstream_failed",
        "countries 0": "success",
        "countries 1": "failed",
        "warehouse.clean -1": "failed",
    }
    assert Counter(mail["subject"] for mail in ran.mails.received) == {
        "Größe: load": 1,
        "Failed: orders.load (try 2 of 2)": 1,
        "Failed: orders.countries [1] (try 1 of 1)": 1,
        "Failed: orders.warehouse.clean (try 1 of 1)": 1,
    }


def test_a_mail_leads_to_the_log_and_to_the_line_of_the_task(ran: Ran) -> None:
    (mail,) = (each for each in ran.mails.received if each["subject"] == "Failed: orders.load (try 2 of 2)")
    lines = FILES["configs/team/orders.yaml"].splitlines()
    line = lines.index("    load:") + 1
    said = body(mail)
    assert "Error:       AirflowException: Bash command failed. The command returned a non-zero exit code 3.\n" in said
    assert f"Config:      configs/team/orders.yaml:{line}\n" in said
    assert "/dags/orders/runs/manual__" in said
    assert "/tasks/load?try_number=2\n" in said
    grouped = next(each for each in ran.mails.received if "clean" in each["subject"])
    place = next(i for i, text in enumerate(lines, 1) if "clean:" in text)
    assert f"Config:      configs/team/orders.yaml:{place}\n" in body(grouped)


def test_a_retry_is_told_where_it_is_asked_for(ran: Ran) -> None:
    (mail,) = (each for each in ran.mails.received if each["subject"] == "Größe: load")
    assert mail["to"] == "team@example.org, lead@example.org"
    assert body(mail).startswith("Task load of DAG orders has failed, and will be tried again.\n")
    assert "Try:         1 of 2\n" in body(mail)


def test_callbacks_of_ones_own_are_called_beside_alerts(ran: Ran) -> None:
    log = ran.logs["orders"]
    assert log.count("TOLD own load") == 1
    assert log.count("TOLD default_args countries") == 1
    assert log.count("TOLD default_args warehouse.clean") == 1


def test_an_empty_list_switches_the_defaults_off(ran: Ran) -> None:
    assert ran.states["quiet"] == {"run": "failed", "load -1": "failed"}
    assert "alert" not in ran.logs["quiet"]


def test_a_success_is_told_where_it_is_asked_for(ran: Ran) -> None:
    assert ran.states["proud"] == {"run": "success", "load -1": "success"}
    ((path, sent, _),) = ran.hook.received
    assert (path, sent["state"], sent["dag_id"], sent["error"]) == ("/done", "success", "proud", "")
    assert "ALERT Succeeded: proud.load (try 1 of 1)" in ran.logs["proud"]


def test_a_mail_server_that_is_down_changes_no_result_and_is_said(ran: Ran) -> None:
    assert ran.states["unreachable"] == {"run": "failed", "load -1": "failed", "extract -1": "success"}
    said = "alert not sent: mail to team@example.org by connection `down`: ConnectionRefusedError"
    assert ran.logs["unreachable"].count(said) == 2
    assert PASSWORD not in "".join(ran.logs.values())
