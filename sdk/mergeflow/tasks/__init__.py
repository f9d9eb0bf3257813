"""Task types: `type: script` in the place of `operator`, and keys that say what is meant.

Each is a module with a pydantic model, a subclass of `TaskType`. A check asks the table that is generated from the
models; it imports a model only when something is wrong. Types that others have installed are looked up only for a name
that is not Mergeflow's own.
"""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from mergeflow.model import SHAPES
from mergeflow.tasks.entry import Entry
from mergeflow.tasks.table import ENTRIES

if TYPE_CHECKING:
    from mergeflow.tasks.task_type import TaskType

__all__ = ["COMMON", "GROUP", "TASK_TYPES", "Entry", "TaskTypeError", "entry_of", "is_typed", "model_of", "names"]

TASK_TYPES: Mapping[str, str] = {
    "expectations": "mergeflow.tasks.expectations:Expectations",
    "http": "mergeflow.tasks.http:Http",
    "kpi": "mergeflow.tasks.kpi:Kpi",
    "python": "mergeflow.tasks.python:Python",
    "script": "mergeflow.tasks.script:Script",
    "sql": "mergeflow.tasks.sql:Sql",
    "trigger": "mergeflow.tasks.trigger:Trigger",
    "wait": "mergeflow.tasks.wait:Wait",
}
"""Mergeflow's own types, each with its model. `python -m tests.render.generated` tabulates what is added here."""

GROUP = "mergeflow.task_types"
"""The entry points by which an installed distribution offers types: `<type> = <module>:<model>`."""

COMMON = SHAPES["GroupArgs"].keys.keys() | {"task_id", "type", "dependencies", "task_group_name"}
"""The keys that every typed task may have."""


class TaskTypeError(Exception):
    """An installed task type cannot be loaded; the text is one line for the user."""


def is_typed(config: Mapping[str, Any]) -> bool:
    """Whether a task has a type; beside an operator or a decorator, `type` is a parameter of that."""
    return "type" in config and "operator" not in config and "decorator" not in config


def entry_of(name: object) -> Entry | None:
    """What there is to know of a type; nothing where there is none of this name. Raises TaskTypeError."""
    if not isinstance(name, str):
        return None
    return ENTRIES.get(name) or _installed(name)


def model_of(name: str) -> "type[TaskType]":
    """The model of a type that there is. Raises TaskTypeError."""
    from mergeflow.tasks.installed import load, load_own

    return load_own(TASK_TYPES[name]) if name in TASK_TYPES else load(name)


def names() -> tuple[str, ...]:
    """The names of all types, Mergeflow's own first."""
    from mergeflow.tasks.installed import installed

    return (*TASK_TYPES, *sorted(installed().keys() - TASK_TYPES.keys()))


@cache
def _installed(name: str) -> Entry | None:
    from mergeflow.tasks.installed import installed, load, untabulated

    return untabulated(load(name)) if name in installed() else None
