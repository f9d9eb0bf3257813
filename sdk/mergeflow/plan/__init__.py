"""What a merge would change: two compiled projects, compared as the DAGs that they are.

A file that is only reformatted, reordered or written in another form changes nothing, and a default that changes shows
at every DAG that it reaches.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mergeflow.compiler import CompiledDag
from mergeflow.dag import NODE_LISTS

_ONE_BY_ONE = ("default_args", "alerts")

ABSENT = object()
"""Stands for a value that one of the two sides does not have."""


class Kind(StrEnum):
    """What happens to a DAG or a task."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A setting's value before and after; ABSENT where there is none."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class NodeChange:
    """What happens to one task or task group."""

    kind: Kind
    noun: str
    name: str
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class DagChange:
    """What happens to one DAG."""

    kind: Kind
    dag_id: str
    path: str
    fields: tuple[FieldChange, ...] = ()
    nodes: tuple[NodeChange, ...] = ()
    tasks: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """Every DAG that a merge would add, change or remove, by dag_id."""

    changes: tuple[DagChange, ...] = ()

    def count(self, kind: Kind) -> int:
        """How many DAGs are added, changed or removed."""
        return sum(change.kind is kind for change in self.changes)


def diff(base: Iterable[CompiledDag], head: Iterable[CompiledDag]) -> Plan:
    """Compare two compiled projects."""
    before, after = ({dag.dag_id: dag for dag in side} for side in (base, head))
    changes = (_dag_change(dag_id, before.get(dag_id), after.get(dag_id)) for dag_id in sorted({*before, *after}))
    return Plan(tuple(change for change in changes if change))


def _dag_change(dag_id: str, before: CompiledDag | None, after: CompiledDag | None) -> DagChange | None:
    if before is None or after is None:
        there = after or before
        kind = Kind.ADDED if after else Kind.REMOVED
        return DagChange(kind, dag_id, there.path, tasks=len(_nodes(there, *NODE_LISTS[0]))) if there else None
    fields = tuple(_fields(_settings(before), _settings(after)))
    nodes = tuple(change for lists in NODE_LISTS for change in _node_changes(before, after, *lists))
    if not fields and not nodes:
        return None
    return DagChange(Kind.CHANGED, dag_id, after.path, fields, nodes, len(_nodes(after, *NODE_LISTS[0])))


def _node_changes(before: CompiledDag, after: CompiledDag, key: str, name_key: str) -> Iterator[NodeChange]:
    old, new = _nodes(before, key, name_key), _nodes(after, key, name_key)
    noun = key.rstrip("s").replace("_", " ")
    for name in sorted({*old, *new}):
        if name not in old or name not in new:
            yield NodeChange(Kind.REMOVED if name in old else Kind.ADDED, noun, name)
        elif fields := tuple(_fields(old[name], new[name])):
            yield NodeChange(Kind.CHANGED, noun, name, fields)


def _fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[FieldChange]:
    for name in sorted({*before, *after}):
        old, new = before.get(name, ABSENT), after.get(name, ABSENT)
        if not _same(old, new):
            yield FieldChange(name, old, new)


def _same(old: Any, new: Any) -> bool:
    """Whether two values mean the same to Airflow; in Python `True == 1`, and no NaN equals another."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(_same(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_same, old, new))
    return type(old) is type(new) and (old == new or old != old)  # noqa: PLR0124 - NaN


def _settings(dag: CompiledDag) -> dict[str, Any]:
    """A DAG's settings without its tasks, those of `default_args` and `alerts` one by one."""
    lists = {key for key, _ in NODE_LISTS}
    own = {key: value for key, value in dag.config.items() if key not in lists and key not in _ONE_BY_ONE}
    opened = ((name, dag.config.get(name) or {}) for name in _ONE_BY_ONE)
    return own | {f"{name}.{key}": value for name, inner in opened for key, value in inner.items()}


def _nodes(dag: CompiledDag, key: str, name_key: str) -> dict[str, dict[str, Any]]:
    listed = dag.config.get(key) or {}
    if isinstance(listed, dict):
        return listed
    return {each[name_key]: {k: v for k, v in each.items() if k != name_key} for each in listed}
