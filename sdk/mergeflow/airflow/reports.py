"""Where the reports of expectation tasks are in this deployment, and how a task writes its own."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from airflow.sdk import Context

    from mergeflow.quality.reports import Try
    from mergeflow.quality.result import Result

LOCATION = "MERGEFLOW_REPORTS"
"""The variable that names a folder, or an object store's URL as Airflow's ObjectStoragePath knows it."""
KEPT = "MERGEFLOW_REPORTS_KEPT"
"""The variable that says how many runs of a task are kept."""
PREFIX = "/mergeflow/reports"
"""Where Airflow's API server serves them."""

log = logging.getLogger(__name__)


def write(context: Context, result: Result | None, error: str | None, seconds: float) -> str | None:
    """Keep what came of a task as its report; return its path below the location, or None where that was not possible.

    `result` is None where the data could not be looked at, and `error` says why. `seconds` is how long that took. A
    report is never a reason for a task to fail: whatever goes wrong is one warning in its log.
    """
    try:
        from mergeflow.quality.reports import store

        return store(location(), _report(context, result, error, seconds), kept())
    except Exception as problem:  # noqa: BLE001 - see above; an object store raises what it likes
        log.warning(
            "the report of this task could not be written: %s: %s", type(problem).__name__, _masked(str(problem))
        )
        return None


def location() -> Any:
    """The folder of the reports: a pathlib.Path, or an ObjectStoragePath where the setting is a URL."""
    named = _setting(LOCATION, "reports") or f"{os.environ.get('AIRFLOW_HOME') or '~/airflow'}/mergeflow-reports"
    if named.startswith("file://"):
        return Path(urlsplit(named).path)
    if "://" in named:
        from airflow.sdk import ObjectStoragePath

        return ObjectStoragePath(named)
    return Path(named).expanduser()


def kept() -> int:
    """How many runs of each task are kept. Raises ValueError for what is no number."""
    from mergeflow.quality.reports import KEPT as DEFAULT

    named = _setting(KEPT, "reports_kept")
    return int(named) if named else DEFAULT


def address(key: Try) -> str:
    """The page of a try: absolute where `[api] base_url` is, else from the root of Airflow's host."""
    return base_url() + path_of(key)


def path_of(key: Try) -> str:
    """The page of a try, below Airflow's address. A run's id comes last: it may hold slashes."""
    parts = (key.dag_id, key.task_id, str(key.map_index), str(key.try_number), key.run_id)
    return "/".join([PREFIX, *(quote(each.encode("utf-8", "replace"), safe="") for each in parts)])


def base_url() -> str:
    """Airflow's address without a slash at its end; empty where it has not been told."""
    from airflow.configuration import conf

    return (conf.get("api", "base_url", fallback="") or "").rstrip("/")


def _setting(variable: str, option: str) -> str | None:
    """What the environment says, or else the section `[mergeflow]` of Airflow's own settings."""
    from airflow.configuration import conf

    found: str | None = os.environ.get(variable) or conf.get("mergeflow", option, fallback=None)
    return found


def _report(context: Context, result: Result | None, error: str | None, seconds: float) -> dict[str, Any]:
    ti, run = context["ti"], context.get("dag_run")
    logical_date = getattr(run, "logical_date", None)
    return {
        "version": 1,
        "dag_id": ti.dag_id,
        "run_id": ti.run_id,
        "task_id": ti.task_id,
        "map_index": -1 if ti.map_index is None else ti.map_index,
        "try_number": ti.try_number,
        "logical_date": logical_date.astimezone(UTC).isoformat() if logical_date else None,
        "started": (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat(),
        "seconds": round(seconds, 3),
        "commit": getattr(getattr(ti, "bundle_instance", None), "version", None),
        "on_failure": getattr(ti.task, "on_failure", "fail"),
        "suite": getattr(ti.task, "suite", None),
        "result": _masked(result.document()) if result is not None else None,
        "error": _masked(error),
    }


def _masked(value: Any) -> Any:
    """A value without the secrets that Airflow knows in this process, such as passwords of connections."""
    if isinstance(value, str):
        from airflow.sdk.log import redact  # type: ignore[attr-defined] # where Airflow's own log has it from

        return redact(value)
    if isinstance(value, Mapping):
        return {_masked(key): _masked(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(each) for each in value]
    return value
