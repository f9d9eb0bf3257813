"""What a task type is: a pydantic model of its own keys that compiles to an operator's task."""

from collections.abc import Mapping
from typing import Any, ClassVar

from mergeflow.model.base import ConfigModel
from mergeflow.tasks.entry import Several

__all__ = ["Several", "TaskType"]


class TaskType(ConfigModel):
    """The base of all task types. Fields are the keys of the type; those of every task are no affair of a type.

    A type's docstring says what it does and, under *Example*, how it is written. The fields' descriptions are its page
    in the docs, and what an editor shows. What Airflow renders is listed in `templates`, and what fields want of each
    other in `one_of` (exactly one of these is there) and `only_with` (a key, and the one that it needs beside it).
    """

    templates: ClassVar[tuple[str, ...]] = ()
    one_of: ClassVar[tuple[str, ...]] = ()
    only_with: ClassVar[Mapping[str, str]] = {}

    def compile(self) -> dict[str, Any] | Several:
        """The task for dag-factory: `operator`, with its full import path, and the operator's parameters.

        Called only for what has passed every check. What stands in the task beside the type's own keys (`retries`,
        `dependencies` and so on) is added afterwards. Several tasks become a task group with the task's id.
        """
        raise NotImplementedError
