"""`make demo`: a bad pull request is refused, a good one is merged, live and run; all in a scratch copy."""

import os
import signal
import sqlite3
import sys
import tempfile
import time
import tomllib
from pathlib import Path

from mergeflow.airflow.client import Run
from mergeflow.airflow.local.keeper import descendants
from mergeflow.airflow.local.repository import choose
from mergeflow.airflow.local.settings import LocalSettings, connections
from mergeflow.airflow.local.supervisor import LocalAirflow, LocalAirflowError
from mergeflow.airflow.transport import AirflowError
from mergeflow.files import from_directory
from mergeflow.project import load
from mergeflow.quality import reports
from tests.demo.scratch import Scratch
from tests.demo.steps import Failed, Steps
from tests.services.server import free_port

ORIGINAL = Path(__file__).resolve().parents[2]
DAG_ID = "hourly_transactions"
CONFIG = "configs/transactions/hourly.yaml"
GOOD = f"""\
{DAG_ID}:
  description: A batch of transactions every hour, labelled at once
  schedule: "@hourly"
  tasks:
    generate:
      operator: airflow.providers.standard.operators.python.PythonOperator
      python_callable: callables.transactions.generator.generate_transactions
      op_kwargs: {{conn_id: transactions_db, symbols: [AAPL, TSLA]}}
      retries: 3
    gate:
      type: expectations
      dependencies: [generate]
      suite: transactions/customer_transactions
      conn_id: transactions_db
      table: customer_transactions
    label:
      operator: airflow.providers.standard.operators.python.PythonOperator
      dependencies: [gate]
      python_callable: callables.transactions.labels.generate_labels
      op_kwargs: {{transactions_conn_id: transactions_db, labels_conn_id: labels_db}}
"""
BAD = GOOD.replace("retries: 3", "retires: 3")


def main() -> int:
    """Run the demo; 0 when every step did what it promises."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(130))
    print("Mergeflow demo · scratch copy, SQLite, nothing is left behind", flush=True)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mergeflow-demo-", ignore_cleanup_errors=True) as folder:
        scratch = Scratch(Path(folder).resolve())
        state = scratch.folder / "state"
        try:
            demonstrate(scratch, state)
        except (Failed, AirflowError, LocalAirflowError) as error:
            print(f"\n{error}\n{error.log if isinstance(error, Failed) else _end_of_logs(state)}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 130
    if left := [process.pid for process in descendants(os.getpid())]:
        print(f"\nprocesses left behind: {left}", file=sys.stderr)
        return 1
    print(f"done in {time.monotonic() - begun:.0f} s · everything stopped · `make up` keeps it running")
    return 0


def demonstrate(scratch: Scratch, state: Path) -> None:
    """Every step, in order; raises Failed at the first that does not do what it promises."""
    steps = Steps()
    scratch.make(ORIGINAL)
    mergeflow = str(scratch.checkout / ".venv/bin/mergeflow")
    with steps.step("check") as step:
        step.outcome = scratch.run(mergeflow, "check").strip()
    pyproject = tomllib.loads((scratch.checkout / "pyproject.toml").read_text())
    source = choose(scratch.checkout, str(scratch.origin), "main")
    with LocalAirflow(LocalSettings(state, source, free_port(), connections(pyproject, state))) as airflow:
        with steps.step("airflow") as step:
            live = airflow.wait_until_live(_dag_ids(scratch), timeout=180)
            step.outcome = f"up on {airflow.settings.url}, {len(live)} DAGs live"
        _refuse(steps, scratch, mergeflow)
        _plan(steps, scratch, mergeflow)
        pushed = _merge(steps, scratch)
        _run(steps, airflow, state, pushed)


def _refuse(steps: Steps, scratch: Scratch, mergeflow: str) -> None:
    with steps.step("pull request") as step:
        scratch.git("switch", "--quiet", "--create", "hourly")
        (scratch.checkout / CONFIG).write_text(BAD)
        scratch.git("add", CONFIG)
        hook, said = scratch.attempt("git", "commit", "--message=Transactions every hour")
        ci, diagnostics = scratch.attempt(mergeflow, "check")
        if not (hook and ci and "unknown key `retires`" in said and "unknown key `retires`" in diagnostics):
            raise Failed("a pull request with a misspelt key was not refused", said + diagnostics)
        step.outcome = '"hourly transactions" is refused by the commit hook and by `mergeflow check`'
        step.show(diagnostics.rpartition("\n\n")[0])


def _plan(steps: Steps, scratch: Scratch, mergeflow: str) -> None:
    with steps.step("pull request") as step:
        (scratch.checkout / CONFIG).write_text(GOOD)
        scratch.git("add", CONFIG)
        scratch.git("commit", "--quiet", "--message=Transactions every hour")
        scratch.git("push", "--quiet", "origin", "hourly")
        plan = scratch.run(mergeflow, "plan", "--base", "origin/main", "--head", "hourly")
        step.outcome = '"hourly transactions", mended, is planned'
        step.show(plan)


def _merge(steps: Steps, scratch: Scratch) -> float:
    with steps.step("merge") as step:
        scratch.git("switch", "--quiet", "main")
        scratch.git("merge", "--quiet", "--no-ff", "--message=Merge the pull request", "hourly")
        pushed = time.monotonic()
        scratch.git("push", "--quiet", "origin", "main")
        step.outcome = f"{scratch.git('rev-parse', '--short', 'HEAD').strip()} on main, pushed"
        return pushed


def _run(steps: Steps, airflow: LocalAirflow, state: Path, pushed: float) -> None:
    with steps.step("live") as step:
        airflow.wait_until_live([DAG_ID], timeout=180)
        step.outcome = f"{DAG_ID} is live {time.monotonic() - pushed:.1f} s after the push"
    with steps.step("run") as step:
        airflow.client.trigger(DAG_ID, unpause=True)
        runs = _finished_runs(airflow)
        if any(run.state != "success" for run in runs):
            raise Failed(f"the runs of {DAG_ID} ended as {[run.state for run in runs]}", _end_of_logs(state))
        transactions = _ids(state / "databases/transactions.db", "customer_transactions")
        labels = _ids(state / "databases/labels.db", "labeled_transactions")
        if transactions != labels or not 50 * len(runs) <= len(transactions) <= 200 * len(runs):
            said = f"{len(runs)} runs left {len(transactions)} transactions and {len(labels)} labels"
            raise Failed(said, _end_of_logs(state))
        held = _held(airflow.settings.home / "mergeflow-reports")
        whose = "the run" if len(runs) == 1 else f"{len(runs)} runs"  # unpausing starts this hour's, too
        found = f"{len(transactions)} transactions, {held} expectations held, {len(labels)} labels"
        step.outcome = f"{whose} succeeded: {found}"


def _finished_runs(airflow: LocalAirflow) -> list[Run]:
    """Every run of the DAG, once all are finished: unpausing it also starts the run of this hour."""
    seen: set[str] = set()
    while new := [run for run in airflow.client.runs(DAG_ID) if run.run_id not in seen]:
        for run in new:
            airflow.wait_for_run(run, timeout=180)
            seen.add(run.run_id)
    return airflow.client.runs(DAG_ID)


def _held(folder: Path) -> int:
    """How many expectations the last run's gate found to hold; its report must have no other."""
    (report,) = reports.runs(folder, DAG_ID, "gate", 1)
    outcomes = report["result"]["outcomes"]
    if broken := [each for each in outcomes if each["status"] != "passed"]:
        raise Failed(f"the gate let {len(broken)} broken expectations through", str(broken))
    return len(outcomes)


def _dag_ids(scratch: Scratch) -> list[str]:
    return [dag.dag_id for dag in load(from_directory(scratch.checkout)).dags]


def _ids(database: Path, table: str) -> set[int]:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        found = {row[0] for row in connection.execute(f"select transaction_id from {table}")}  # noqa: S608 - our own names
    connection.close()
    return found


def _end_of_logs(state: Path) -> str:
    """The end of each component's log, and of the last task's."""
    logs = sorted((state / "logs").rglob("*.log"), key=lambda path: path.stat().st_mtime)
    return "\n".join(
        f"--- {log.name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-15:]) for log in logs[-4:]
    )


if __name__ == "__main__":
    sys.exit(main())
