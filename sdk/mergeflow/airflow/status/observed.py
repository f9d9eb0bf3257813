"""Airflow's answers as values: its DAGs, what it cannot load, and which of its components do not work."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mergeflow.airflow.transport import AirflowError
from mergeflow.status import ImportFailure, LiveDag, Observed

if TYPE_CHECKING:
    from mergeflow.airflow.client import AirflowClient, Dag

NEEDED = ("metadatabase", "scheduler", "dag_processor")


def observe(client: AirflowClient) -> Observed:
    """Ask all of it once. Raises AirflowError, also for answers that are JSON and not Airflow's."""
    try:
        dags = client.dags(exclude_stale="false")
        failures = client.import_errors()
        health = client.health()
        return Observed(
            client.url,
            client.version(),
            tuple(map(_dag, dags)),
            tuple(ImportFailure(each.file, each.text, _time(each.time), each.bundle) for each in failures),
            {name: health.get(name) or "never started" for name in NEEDED if health.get(name) != "healthy"},
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise AirflowError(f"what answers at {client.url} is not Airflow 3: its answers have another form") from None


def _dag(dag: Dag) -> LiveDag:
    return LiveDag(
        str(dag.dag_id),
        str(dag.file),
        dag.commit,
        dag.bundle,
        _time(dag.last_parsed),
        dag.paused,
        dag.stale,
        dag.import_errors,
    )


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
