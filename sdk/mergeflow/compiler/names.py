"""Bare names in full: `operator: BashOperator` is dag-factory's once it is an import path."""

from collections.abc import Mapping
from typing import Any

from mergeflow.catalog import Catalog

_TASK = "task"
"""What `@task` is called, alone or before a dot: `task.bash`."""


def has_bare_names(config: Mapping[str, Any]) -> bool:
    """Whether a DAG names an operator or decorator without its import path."""
    listed = config.get("tasks")
    tasks = listed.values() if isinstance(listed, dict) else listed if isinstance(listed, list) else ()
    return any(isinstance(task, dict) and (_bare_operator(task) or _bare_decorator(task)) for task in tasks)


def in_full(config: dict[str, Any], catalog: Catalog) -> dict[str, Any]:
    """The config of a DAG with import paths for bare names, which the catalog knows; the given one is not changed."""
    if not has_bare_names(config):
        return config
    tasks = config["tasks"]
    if isinstance(tasks, dict):
        return {**config, "tasks": {name: _task_in_full(task, catalog) for name, task in tasks.items()}}
    return {**config, "tasks": [_task_in_full(task, catalog) for task in tasks]}


def _task_in_full(task: Any, catalog: Catalog) -> Any:
    if not isinstance(task, dict):
        return task
    full: dict[str, str] = {}
    operator = catalog.operator(task["operator"]) if _bare_operator(task) else None
    decorator = catalog.decorator(task["decorator"]) if _bare_decorator(task) else None
    full |= {"operator": operator.path} if operator else {}
    full |= {"decorator": decorator.path} if decorator else {}
    return {**task, **full} if full else task


def _bare_operator(task: Mapping[str, Any]) -> bool:
    operator = task.get("operator")
    return isinstance(operator, str) and "." not in operator


def _bare_decorator(task: Mapping[str, Any]) -> bool:
    decorator = task.get("decorator")
    return isinstance(decorator, str) and (decorator == _TASK or decorator.startswith(f"{_TASK}."))
