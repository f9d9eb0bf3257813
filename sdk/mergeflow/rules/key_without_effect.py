"""A key that is read and then does nothing.

*Why*: it looks as if something were set, an SLA that is watched or a callback that is called, and nothing is.

*Bad*:

    orders:
      schedule: "@daily"
      start_date: 2024-01-01
      orientation: LR
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    orders:
      schedule: "@daily"
      start_date: 2024-01-01
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mergeflow.diagnostic import Place, Problem, Route, Severity
from mergeflow.document import Document
from mergeflow.paths import is_config, is_defaults
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "key-without-effect"
SEVERITY = Severity.WARNING

_REMOVE = "remove it"
_ELSEWHERE = "put it under `default_args`, where it holds for every task"
_NOT_OF_A_DAG = "dag-factory does not hand it on to Airflow"
OF_DAGS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("default_view", "orientation"), ("Airflow 3 has no such setting", _REMOVE)),
    **{f"sla_miss_callback{end}": ("Airflow 3 has no SLAs", _REMOVE) for end in ("", "_name", "_file")},
    **{f"on_execute_callback{end}": (_NOT_OF_A_DAG, _ELSEWHERE) for end in ("", "_name", "_file")},
}
"""Keys of a DAG that have no effect: why, and what to do about it."""
_SLA = "sla"
_MARKS = ("default_view", "orientation", "on_execute_callback", _SLA)
"""What a text must hold for any of them to be in it."""


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each such key, where it is written."""
    del known
    for path, document in project.documents.items():
        if isinstance(document.data, dict) and any(mark in document.text for mark in _MARKS):
            for route, block in _blocks(document):
                yield from _in_block(path, route, block)


def _blocks(document: Document) -> Iterator[tuple[Route, Mapping[str, Any]]]:
    """What may hold a DAG's keys: DAGs and the `default` block, or the whole of a `defaults.yml`."""
    if is_defaults(document.path):
        yield (), document.data
    elif is_config(document.path):
        for key, value in document.data.items():
            if isinstance(key, str) and isinstance(value, dict):
                yield (key,), value


def _in_block(path: str, route: Route, block: Mapping[str, Any]) -> Iterator[Problem]:
    for key in sorted(OF_DAGS.keys() & {each for each in block if isinstance(each, str)}):
        why, hint = OF_DAGS[key]
        if block[key] is not None:
            yield Problem(ID, f"`{key}` has no effect: {why}", Place(path, (*route, key), "key"), hint)
    for inner, holder in _operator_args(block):
        if holder.get(_SLA) is not None:
            place = Place(path, (*route, *inner, _SLA), "key")
            yield Problem(ID, "`sla` has no effect: Airflow 3 has no SLAs", place, _REMOVE)


def _operator_args(block: Mapping[str, Any]) -> Iterator[tuple[Route, Mapping[str, Any]]]:
    """`default_args` and tasks, in either form."""
    default_args, tasks = block.get("default_args"), block.get("tasks")
    if isinstance(default_args, dict):
        yield ("default_args",), default_args
    pairs = tasks.items() if isinstance(tasks, dict) else enumerate(tasks) if isinstance(tasks, list) else ()
    for segment, task in pairs:
        if isinstance(task, dict):
            yield ("tasks", segment), task
