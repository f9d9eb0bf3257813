"""What the task types take, as a table. Written by `python -m tests.render.generated` from their models."""

from collections.abc import Mapping

from mergeflow.model.kinds import Shape
from mergeflow.tasks.entry import Entry

ENTRIES: Mapping[str, Entry] = {
    "expectations": Entry(
        shape=Shape(
            required=("suite",),
            open=False,
            keys={
                "suite": ("text", "prose"),
                "conn_id": ("text", "prose"),
                "table": ("text", "prose"),
                "query": ("text", "prose"),
                "file": ("text", "prose"),
                "task": ("text", "prose"),
                "window": ("nothing", "labels", "mapping"),
                "on_failure": ("text", "prose"),
            },
        ),
        templates=("conn_id", "table", "query", "file"),
        one_of=("table", "query", "file", "task"),
        only_with={"table": "conn_id", "query": "conn_id", "window": "table"},
        choices={"on_failure": ("fail", "warn", "skip_downstream")},
    ),
    "http": Entry(
        shape=Shape(
            required=("conn_id",),
            open=False,
            keys={
                "conn_id": ("text", "prose"),
                "path": ("text", "prose"),
                "method": ("text", "prose"),
                "query": ("labels", "mapping"),
                "json": ("nothing", "texts", "counts", "plains", "list", "labels", "mapping"),
                "headers": ("labels",),
                "status": ("counts",),
                "timeout": ("count",),
            },
        ),
        templates=("path", "query", "json", "headers"),
        choices={"method": ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")},
    ),
    "kpi": Entry(
        shape=Shape(
            required=("kpi", "simulator", "conn_id"),
            open=False,
            keys={
                "kpi": ("count",),
                "simulator": ("count",),
                "conn_id": ("text", "prose"),
            },
        ),
    ),
    "python": Entry(
        shape=Shape(
            required=("callable",),
            open=False,
            keys={
                "callable": ("text", "prose"),
                "arguments": ("labels", "mapping"),
            },
        ),
        templates=("arguments",),
    ),
    "script": Entry(
        shape=Shape(
            required=("path",),
            open=False,
            keys={
                "path": ("text", "prose"),
                "arguments": ("texts", "counts", "plains"),
                "env": ("labels",),
            },
        ),
        templates=("arguments", "env"),
    ),
    "sql": Entry(
        shape=Shape(
            required=("conn_id",),
            open=False,
            keys={
                "conn_id": ("text", "prose"),
                "sql": ("text", "prose"),
                "file": ("text", "prose"),
                "parameters": ("nothing", "texts", "counts", "plains", "list", "labels", "mapping"),
                "split": ("flag",),
            },
        ),
        templates=("conn_id", "parameters", "sql"),
        one_of=("sql", "file"),
    ),
    "trigger": Entry(
        shape=Shape(
            required=("dag",),
            open=False,
            keys={
                "dag": ("text", "prose"),
                "conf": ("labels", "mapping"),
                "wait": ("flag",),
                "every": ("count",),
            },
        ),
        templates=("dag", "conf"),
        only_with={"every": "wait"},
    ),
    "wait": Entry(
        shape=Shape(
            required=(),
            open=False,
            keys={
                "dag": ("text", "prose"),
                "task": ("text", "prose"),
                "task_group": ("text", "prose"),
                "earlier": ("count",),
                "file": ("text", "prose"),
                "conn_id": ("text", "prose"),
                "seconds": ("count",),
                "until": (),
                "every": ("count",),
                "timeout": ("count",),
            },
        ),
        templates=("dag", "task", "task_group", "file"),
        one_of=("dag", "file", "seconds", "until"),
        only_with={"task": "dag", "task_group": "dag", "earlier": "dag", "conn_id": "file"},
    ),
}
