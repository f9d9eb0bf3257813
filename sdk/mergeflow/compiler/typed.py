"""Typed tasks as dag-factory's: `type: script` becomes an operator with its parameters, under the same id."""

from collections.abc import Iterator, Mapping
from typing import Any

from mergeflow.tasks import COMMON, is_typed, model_of
from mergeflow.tasks.entry import Several

_OF_A_GROUP = {"dependencies": "dependencies", "task_group_name": "parent_group_name", "doc_md": "doc_md"}
"""Keys of a task that are its group's, where a type makes several tasks of it."""


def untyped(config: dict[str, Any]) -> dict[str, Any]:
    """The config of a DAG with operators for its types; the given one is not changed.

    What a type makes several tasks of is a group with the task's id: what depends on it waits for all of them.
    """
    listed = config.get("tasks")
    tasks = listed.values() if isinstance(listed, dict) else listed if isinstance(listed, list) else ()
    if not any(isinstance(task, dict) and is_typed(task) for task in tasks):
        return config
    groups: dict[str, dict[str, Any]] = {}
    if isinstance(listed, dict):
        made = {key: each for name, task in listed.items() for key, each in _compiled(name, task, groups)}
        return {**config, "tasks": made, **_with(config.get("task_groups"), groups)}
    by_name = ((str(task.get("task_id")) if isinstance(task, dict) else "", task) for task in tasks)
    in_order = [
        {**each, "task_id": key} if isinstance(each, dict) else each
        for name, task in by_name
        for key, each in _compiled(name, task, groups)
    ]
    return {**config, "tasks": in_order, **_with(config.get("task_groups"), groups)}


def _compiled(name: str, task: Any, groups: dict[str, dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    """What becomes of a task, by name; the group that it may need is added to the others."""
    if not (isinstance(task, dict) and is_typed(task)):
        yield name, task
        return
    common = {key: value for key, value in task.items() if key in COMMON and key != "type"}
    own = {key: value for key, value in task.items() if key not in COMMON}
    made = model_of(task["type"]).model_validate(own).compile()
    if not isinstance(made, Several):
        yield name, {**common, **made}
        return
    groups[name] = {"prefix_group_id": False} | {_OF_A_GROUP[key]: common[key] for key in _OF_A_GROUP if key in common}
    shared = {key: value for key, value in common.items() if key not in _OF_A_GROUP and key != "task_id"}
    for inner, each in made.tasks.items():
        before = {"dependencies": [f"{name}__{other}" for other in each.get("dependencies", ())]}
        yield f"{name}__{inner}", {**shared, **each, **before, "task_group_name": name}


def _with(listed: Any, groups: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The DAG's task groups with more of them, in the form that they have."""
    if not groups:
        return {}
    if isinstance(listed, list):
        return {"task_groups": [*listed, *({"group_name": name, **each} for name, each in groups.items())]}
    return {"task_groups": {**(listed or {}), **groups}}
