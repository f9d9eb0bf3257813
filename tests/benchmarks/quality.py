"""`python -m tests.benchmarks.quality`: ten million rows of PostgreSQL held against a suite by a live Airflow's task.

What is measured is the most memory that the task's own process has ever had, which holds Airflow's task runner too, and
how long the task took: once where all ten expectations hold, and once where each is broken by every row.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from mergeflow.airflow.local.repository import choose
from mergeflow.airflow.local.settings import LocalSettings
from mergeflow.airflow.local.supervisor import COMPONENTS
from mergeflow.airflow.transport import Connection
from tests.benchmarks.machine import machine, versions
from tests.live import Origin, running
from tests.services.postgres import DATABASE, PostgresServer, postgres
from tests.services.server import free_port

ROWS = 10_000_000
BAR = 300
"""MiB that the task's process may have at its most."""
PATIENCE = 1800.0  # seconds for a run

TABLE = """\
CREATE TABLE orders AS
SELECT i AS id, (i % 5000)::int AS customer, (1 + i % 900)::numeric(10, 2) AS amount, (2 + i % 900)::numeric(10, 2)
  AS paid, (ARRAY['new', 'sent', 'back'])[1 + i % 3] AS status, 'customer' || i % 5000 || '@example.org' AS email,
  timestamp '2026-01-01' + i * interval '1 second' AS ordered_at
FROM generate_series(1::bigint, {rows}) AS i;
ALTER TABLE orders ADD PRIMARY KEY (id);
ANALYZE orders;
"""
HOLDS = """\
expectations:
- {{expectation: expect_table_row_count_to_equal, value: {rows}}}
- {{expectation: expect_column_values_to_be_unique, column: id}}
- {{expectation: expect_column_values_to_not_be_null, column: customer}}
- {{expectation: expect_column_values_to_be_between, column: amount, min_value: 1, max_value: 900}}
- {{expectation: expect_column_values_to_be_in_set, column: status, value_set: [new, sent, back]}}
- {{expectation: expect_column_values_to_match_regex, column: email, regex: "^[a-z0-9]+@example[.]org$"}}
- {{expectation: expect_column_value_lengths_to_be_between, column: status, min_value: 3, max_value: 4}}
- {{expectation: expect_column_max_to_be_between, column: amount, min_value: 1, max_value: 900}}
- {{expectation: expect_column_mean_to_be_between, column: amount, min_value: 400, max_value: 500}}
- {{expectation: expect_column_pair_values_a_to_be_greater_than_b, column_A: paid, column_B: amount}}
"""
BREAKS = """\
expectations:
- {{expectation: expect_table_row_count_to_equal, value: 1}}
- {{expectation: expect_column_values_to_be_unique, column: customer}}
- {{expectation: expect_column_values_to_be_null, column: customer}}
- {{expectation: expect_column_values_to_be_between, column: amount, max_value: 0}}
- {{expectation: expect_column_values_to_be_in_set, column: status, value_set: [lost]}}
- {{expectation: expect_column_values_to_match_regex, column: email, regex: "^[A-Z]+$"}}
- {{expectation: expect_column_value_lengths_to_equal, column: status, value: 9}}
- {{expectation: expect_column_distinct_values_to_be_in_set, column: email, value_set: [lost]}}
- {{expectation: expect_compound_columns_to_be_unique, column_list: [customer, status]}}
- {{expectation: expect_column_pair_values_a_to_be_greater_than_b, column_A: amount, column_B: paid}}
"""
CONFIG = """\
{name}:
  schedule: null
  start_date: 2024-01-01
  tasks:
    check:
      type: expectations
      suite: team/{name}
      conn_id: orders_db
      table: orders
      on_success_callback: callables.team.memory.note
      on_failure_callback: callables.team.memory.note
"""
NOTE = """\
from pathlib import Path


def note(context):
    \"\"\"Write down the most memory that this process, which is the task's, has ever had.\"\"\"
    said = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    written = Path({folder!r}) / (context["ti"].dag_id + ".part")
    written.write_text(said["VmHWM"].split()[0])
    written.rename(written.with_suffix(""))
"""
STUB = 'from mergeflow.airflow import load_dags\n\nload_dags(globals(), "team")\n'


def main() -> int:
    """Measure and print a table in Markdown; 1 when a task has had more memory than it may, or did not do its work."""
    options = argparse.ArgumentParser(prog="python -m tests.benchmarks.quality", description=__doc__)
    options.add_argument("--rows", type=int, default=ROWS)
    rows: int = options.parse_args().rows
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory() as folder, postgres() as server:
        seconds = fill(server, rows)
        print(f"{rows:,} rows in PostgreSQL, made in {seconds:.0f} s", file=sys.stderr)
        found = measure(Path(folder), server, rows)
    return tell(rows, found)


def fill(server: PostgresServer, rows: int) -> float:
    """Make the table; return the seconds that it took."""
    begun = time.monotonic()
    with psycopg.connect(server.conninfo(DATABASE), autocommit=True) as connection:
        for statement in TABLE.format(rows=rows).strip().rstrip(";").split(";\n"):
            connection.execute(statement.encode())
    return time.monotonic() - begun


def measure(folder: Path, server: PostgresServer, rows: int) -> Mapping[str, dict[str, Any]]:
    """Run a DAG for each suite in a live Airflow; what came of each by its name."""
    peaks = folder / "peaks"
    peaks.mkdir()
    suites = {"holds": HOLDS, "breaks": BREAKS}
    files = {"dags/team.py": STUB, "dags/callables/team/memory.py": NOTE.format(folder=str(peaks))}
    for name, suite in suites.items():
        files[f"configs/team/{name}.yaml"] = CONFIG.format(name=name)
        files[f"validators/expectations/team/{name}.yaml"] = suite.format(rows=rows)
    origin = Origin(folder / "repository")
    origin.create(files)
    settings = LocalSettings(
        folder / "state", choose(origin.root, None, "main"), free_port(), {"orders_db": server.connection()}
    )
    needed = ("scheduler", "dag-processor", "api-server")
    components = {name: [sys.executable, "-m", "airflow", *COMPONENTS[name]] for name in needed}
    found: dict[str, dict[str, Any]] = {}
    with running(settings, components) as airflow:
        airflow.wait_until_up()
        password = settings.passwords.read_text().split('"')[3]
        http = Connection(settings.url, "admin", password)
        end = time.monotonic() + PATIENCE
        while {each.dag_id for each in airflow.fresh_dags()} < suites.keys():
            airflow.check()
            time.sleep(0.5)
            if time.monotonic() > end:
                raise TimeoutError("the DAGs are not live")
        for name in suites:
            airflow.client.unpause(name)
            found[name] = _run(http, name, peaks)
    return found


def _run(http: Connection, dag_id: str, peaks: Path) -> dict[str, Any]:
    run_id: str = http.call("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None})["dag_run_id"]
    path = f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}"
    end = time.monotonic() + PATIENCE
    # a callback is called once Airflow knows what has become of the task
    while http.call("GET", path)["state"] not in ("success", "failed") or not (peaks / dag_id).exists():
        if time.monotonic() > end:
            raise TimeoutError(f"run {run_id} of {dag_id} does not end")
        time.sleep(1)
    (task,) = http.call("GET", f"{path}/taskInstances")["task_instances"]
    summary = http.call("GET", f"{path}/taskInstances/check/xcomEntries/return_value")["value"]
    return {
        "state": task["state"],
        "seconds": task["duration"],
        "mib": int((peaks / dag_id).read_text()) / 1024,
        "summary": json.loads(summary) if isinstance(summary, str) else summary,
    }


def tell(rows: int, found: Mapping[str, Mapping[str, Any]]) -> int:
    """Print what was measured, and say whether all is well."""
    named = ", ".join(f"{name} {release}" for name, release in {**versions(), **_releases()}.items())
    print(f"{time.strftime('%Y-%m-%d')}, {machine()}; {named}.\n")
    print(f"| {rows:,} rows, ten expectations | the task's process at its most | the task took |\n|---|---|---|")
    for name, words in (("holds", "all hold"), ("breaks", "every row breaks each")):
        print(f"| {words} | {found[name]['mib']:.0f} MiB | {found[name]['seconds']:.0f} s |")
    right = {"holds": ("success", 10, 0), "breaks": ("failed", 0, 10)}
    wrong = [f"{name}: {each}" for name, each in found.items() if _outcome(each) != right[name] or each["mib"] > BAR]
    print("\n".join(wrong), file=sys.stderr)
    return 1 if wrong else 0


def _outcome(each: Mapping[str, Any]) -> tuple[str, int, int]:
    return each["state"], each["summary"]["passed"], each["summary"]["failed"]


def _releases() -> dict[str, str]:
    from importlib.metadata import version

    said = subprocess.run(["postgres", "--version"], capture_output=True, text=True, check=False).stdout.split()
    return {"great-expectations": version("great-expectations"), "PostgreSQL": said[2] if len(said) > 2 else "?"}


if __name__ == "__main__":
    os.environ.setdefault("CI", "true")  # a server that is not installed is an error here
    sys.exit(main())
