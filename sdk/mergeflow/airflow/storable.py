"""Whether Airflow can store a DAG.

The dag-processor stores all DAGs of a stub at once. What it refuses only then is held against every DAG of the stub, or
ends the parse, or the dag-processor itself, without a word; so it is tried here, for each DAG alone.
"""

import math
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
from airflow.dag_processing.dagbag import DagBag, _validate_executor_fields
from airflow.models.asset import AssetModel
from airflow.models.dag import DagModel
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization
from sqlalchemy import Integer, String, Table

from mergeflow.model.shape import BUILT_BY_DAG_FACTORY

LONGEST_TEXT = 500
"""Of a plain value; longer ones are tried."""

PLAIN_DAG = frozenset(
    {"catchup", "concurrency", "default_args", "description", "doc_md", "end_date", "is_paused_upon_creation"}
    | {"max_active_runs", "max_active_tasks", "schedule", "start_date", "tags", "task_groups", "tasks", "timezone"}
)
PLAIN_TASK = frozenset(
    {"append_env", "bash_command", "cwd", "dependencies", "depends_on_past", "do_xcom_push", "env", "op_args"}
    | {"op_kwargs", "operator", "pool", "python_callable", "python_callable_file", "python_callable_name", "queue"}
    | {"retries", "retry_delay", "sql", "task_group_name", "task_id", "wait_for_downstream"}
)
PLAIN_DEFAULTS = PLAIN_TASK | {"owner", "start_date"}
"""Keys whose plain values Airflow has always stored: a DAG of nothing else is not tried, which saves 3 ms of 5."""

_BUILT = frozenset(BUILT_BY_DAG_FACTORY)


class UnstorableError(Exception):
    """Airflow could build the DAG, and could not store it."""


def is_plain(config: dict[str, Any]) -> bool:
    """Whether a config holds only keys and values that Airflow is known to store."""
    defaults, tasks = config.get("default_args") or {}, config.get("tasks") or {}
    bodies = tasks.values() if isinstance(tasks, dict) else tasks
    return (
        PLAIN_DAG.issuperset(config)
        and not isinstance(config.get("schedule"), list | dict)
        and PLAIN_DEFAULTS.issuperset(defaults)
        and all(map(PLAIN_TASK.issuperset, bodies))
        and _is_plain_value(config)
    )


def refuse_unstorable(dag: DAG) -> None:
    """Raise what Airflow would raise while it stores this DAG; whatever kind of exception that is."""
    DagBag("/dev/null", collect_dags=False, load_op_links=False).bag_dag(dag)
    _validate_executor_fields(dag)
    stored = DagSerialization.to_dict(dag)
    msgspec.msgpack.encode(stored, enc_hook=str)
    for what, value in _columns(dag):
        _refuse_beyond(DagModel.__table__, what, value)
    for asset in _assets(stored):
        for what in ("name", "uri", "group"):
            if not asset[what].isascii():
                raise UnstorableError(f"the {what} of asset {asset[what]!r} must be ASCII")
            _refuse_beyond(AssetModel.__table__, what, asset[what])


def _columns(dag: DAG) -> Iterator[tuple[str, Any]]:
    """What goes into the DAG's row, by column."""
    owners = [task.owner for task in dag.tasks]
    if not all(isinstance(owner, str) for owner in owners):
        raise UnstorableError("an owner must be text")
    yield "owners", ", ".join(sorted(set(owners)))
    yield "dag_display_name", dag.dag_display_name
    yield "timetable_description", getattr(dag.timetable, "description", "")
    for limit in ("max_active_runs", "max_active_tasks", "max_consecutive_failed_dag_runs"):
        yield limit, getattr(dag, limit)


def _assets(stored: Any) -> Iterator[dict[str, str]]:
    """Every asset in what Airflow stores of a DAG: in its schedule, and in its tasks' inlets and outlets."""
    if isinstance(stored, dict):
        if stored.get("__type") == "asset":
            yield stored.get("__var", stored)
        for each in stored.values():
            yield from _assets(each)
    elif isinstance(stored, list):
        for each in stored:
            yield from _assets(each)


def _refuse_beyond(table: Table, name: str, value: Any) -> None:
    """Hold a value against its column, whose limits PostgreSQL keeps and SQLite does not."""
    kind = table.columns[name].type
    if isinstance(kind, String) and kind.length and value is not None and len(value) > kind.length:
        raise UnstorableError(f"{name} has {len(value)} characters, Airflow stores {kind.length}")
    if isinstance(kind, Integer) and value is not None and abs(value) >= 2**31:
        raise UnstorableError(f"{name} is {value}, Airflow stores numbers up to {2**31 - 1}")


def _is_plain_value(value: Any) -> bool:
    """Looks at texts first, and at each where it stands: nearly all of a config are texts, and there are many."""
    if isinstance(value, str):
        return len(value) <= LONGEST_TEXT
    if isinstance(value, dict):
        return _BUILT.isdisjoint(value) and all(map(_is_plain_value, value.values()))
    if isinstance(value, list):
        return all(map(_is_plain_value, value))
    if isinstance(value, bool) or value is None or isinstance(value, date):
        return True
    return isinstance(value, int | float) and math.isfinite(value) and abs(value) < 2**31
