"""Store the transactions of one DAG run; the options default to what Airflow and the task export."""

import argparse
import json
import os
import sys
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from callables.transactions.generator import store_batch
from callables.transactions.tables import Run
from mergeflow.airflow.connections import engine as engine_of


def main() -> None:
    """Parse, store, and say in one line what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dag-id", default=os.environ.get("AIRFLOW_CTX_DAG_ID", ""))
    parser.add_argument("--run-id", default=os.environ.get("AIRFLOW_CTX_DAG_RUN_ID", ""))
    parser.add_argument("--run-at", type=datetime.fromisoformat, default=os.environ.get("RUN_AT"))
    parser.add_argument("--conn-id", default=os.environ.get("TRANSACTIONS_CONN_ID"))
    parser.add_argument("--symbols", type=json.loads, default=os.environ.get("SYMBOLS"), help="a JSON list")
    options = parser.parse_args()
    for name in ("run_at", "conn_id", "symbols"):
        if getattr(options, name) is None:
            parser.error(f"--{name.replace('_', '-')} is missing, and the environment does not say it")

    engine = engine_of(options.conn_id)
    try:
        run = Run.of(options.dag_id, options.run_id, options.run_at)
        stored = store_batch(engine, run, options.symbols)
    finally:
        engine.dispose()
    said = "were stored already" if stored["already_stored"] else f"stored: {stored['rows']}"
    print(f"transactions of {run.key} {said}")  # noqa: T201


if __name__ == "__main__":
    main()
