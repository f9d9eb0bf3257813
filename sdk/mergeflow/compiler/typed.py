"""Typed tasks as dag-factory's: `type: script` becomes an operator with its parameters, under the same id."""

from collections.abc import Mapping
from typing import Any

from mergeflow.tasks import COMMON, is_typed, model_of


def untyped(config: dict[str, Any]) -> dict[str, Any]:
    """The config of a DAG with an operator for each type; the given one is not changed."""
    listed = config.get("tasks")
    tasks = listed.values() if isinstance(listed, dict) else listed if isinstance(listed, list) else ()
    if not any(isinstance(task, dict) and is_typed(task) for task in tasks):
        return config
    if isinstance(listed, dict):
        return {**config, "tasks": {name: _compiled(task) for name, task in listed.items()}}
    return {**config, "tasks": [_compiled(task) for task in tasks]}


def _compiled(task: Any) -> Any:
    if not (isinstance(task, dict) and is_typed(task)):
        return task
    common, own = _parted(task)
    return {**common, **model_of(task["type"]).model_validate(own).compile()}


def _parted(task: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The keys of every task, and those of the type."""
    common = {key: value for key, value in task.items() if key in COMMON and key != "type"}
    return common, {key: value for key, value in task.items() if key not in COMMON}
