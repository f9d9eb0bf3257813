"""What Airflow runs against a commit, for programs: one object, every field of which docs/output.md names."""

from datetime import datetime
from typing import Any

from mergeflow.render.as_json import dump
from mergeflow.status import DagStatus, State, Status

VERSION = 1
"""Goes up when a field changes its meaning or goes away, not when one is added."""


def render(status: Status) -> str:
    """The whole answer."""
    newest = status.newest
    return dump(
        {
            "version": VERSION,
            "in_sync": status.in_sync,
            "expected": {"name": status.expected.name, "commit": status.expected.commit},
            "airflow": {
                "url": status.observed.url,
                "version": status.observed.version,
                "bundle": status.bundle,
                "commit": newest.commit if newest else None,
                "last_parsed": _time(newest.parsed) if newest else None,
                "unwell": dict(status.observed.unwell),
            },
            "counts": {state.value: status.counts.get(state, 0) for state in State},
            "unversioned": status.unversioned,
            "unknown_commits": list(status.unknown),
            "dags": [_dag(each) for each in status.dags],
            "import_errors": [
                {"file": each.file, "text": each.text, "since": _time(each.since)} for each in status.failures
            ],
        }
    )


def _dag(each: DagStatus) -> dict[str, Any]:
    return {
        "dag_id": each.dag_id,
        "state": each.state.value,
        "detail": each.detail,
        "path": each.path,
        "commit": each.commit,
        "last_parsed": _time(each.parsed),
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
