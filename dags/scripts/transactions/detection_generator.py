"""Label the transactions that have no label; the options default to what Airflow and the task export."""

import argparse
import os
import sys
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from callables.transactions.labels import store_labels
from callables.transactions.tables import Run
from mergeflow.airflow.connections import engine as engine_of


def main() -> None:
    """Parse, label, and say in one line what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dag-id", default=os.environ.get("AIRFLOW_CTX_DAG_ID", ""))
    parser.add_argument("--run-id", default=os.environ.get("AIRFLOW_CTX_DAG_RUN_ID", ""))
    parser.add_argument("--run-at", type=datetime.fromisoformat, default=os.environ.get("RUN_AT"))
    parser.add_argument("--transactions-conn-id", default=os.environ.get("TRANSACTIONS_CONN_ID"))
    parser.add_argument("--labels-conn-id", default=os.environ.get("LABELS_CONN_ID"))
    parser.add_argument("--fraud-rate", type=float, default=os.environ.get("FRAUD_RATE", "0.5"))
    options = parser.parse_args()
    for name in ("run_at", "transactions_conn_id", "labels_conn_id"):
        if getattr(options, name) is None:
            parser.error(f"--{name.replace('_', '-')} is missing, and the environment does not say it")

    transactions, labels = engine_of(options.transactions_conn_id), engine_of(options.labels_conn_id)
    try:
        run = Run.of(options.dag_id, options.run_id, options.run_at)
        stored = store_labels(transactions, labels, run, options.fraud_rate)
    finally:
        transactions.dispose()
        labels.dispose()
    print(f"labels stored by {run.key}: {stored['labels']}")  # noqa: T201


if __name__ == "__main__":
    main()
