"""A config's values as dag-factory has them between reading a file and building from it."""

import operator
from datetime import timedelta
from functools import reduce
from typing import Any

from dagfactory.utils import cast_with_type

from mergeflow.model.shape import BUILT_BY_DAG_FACTORY

_READ_BY_DAG_FACTORY = frozenset((*BUILT_BY_DAG_FACTORY, "__args__"))


def with_values(value: Any) -> Any:
    """A copy for the builder, which changes what it is given, with every value built that the config describes.

    The only copy, and the only walk: dag-factory makes four of each, one after the other.
    """
    if isinstance(value, list):
        return [with_values(each) for each in value]
    if not isinstance(value, dict):
        return value
    if not _READ_BY_DAG_FACTORY.isdisjoint(value):
        return _combined(cast_with_type(value))
    return {key: with_values(each) for key, each in value.items()}


def _combined(value: Any) -> Any:
    """`__and__`, `__or__` and `__join__` worked out, as dag-factory does between reading a file and building."""
    if isinstance(value, list):
        return [_combined(each) for each in value]
    if not isinstance(value, dict):
        return value
    for key, sign, combine in (("__and__", "&", operator.and_), ("__or__", "|", operator.or_)):
        if key in value:
            parts = [_combined(each) for each in value[key]]
            try:
                return reduce(combine, parts)
            except TypeError:
                return f"({f' {sign} '.join(str(each) for each in parts)})"
    if "__join__" in value:
        return "".join(str(_combined(each)) for each in value["__join__"])
    return {key: _combined(each) for key, each in value.items()}


def spelled(config: dict[str, Any]) -> dict[str, Any]:
    """The config with every task's `execution_delta` as the text that dag-factory reads; changes it in place."""
    tasks = config.get("tasks") or ()
    for task in tasks.values() if isinstance(tasks, dict) else tasks:
        delta = task.get("execution_delta") if isinstance(task, dict) else None
        if isinstance(delta, timedelta) and delta >= timedelta(0):
            task["execution_delta"] = f"{int(delta.total_seconds())} seconds"
    return config
