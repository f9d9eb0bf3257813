"""What a config file may contain: the shape of DAGs, tasks, task groups and defaults, as pydantic models."""

from mergeflow.model.base import ConfigModel
from mergeflow.model.dag import Dag, Defaults
from mergeflow.model.group import TaskGroup
from mergeflow.model.shape import MOST_WORDS, kind_of, near, nearest, shape_problems
from mergeflow.model.task import DefaultArgs, Task

__all__ = [
    "MOST_WORDS",
    "ConfigModel",
    "Dag",
    "DefaultArgs",
    "Defaults",
    "Task",
    "TaskGroup",
    "kind_of",
    "near",
    "nearest",
    "shape_problems",
]
