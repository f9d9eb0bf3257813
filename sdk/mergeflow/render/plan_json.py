"""A plan for programs: one object, every field of which docs/output.md names."""

from typing import Any

from mergeflow.plan import ABSENT, Consequence, DagChange, FieldChange, Kind, NodeChange, Plan, Timing
from mergeflow.plan.values import plain
from mergeflow.render.as_json import dump

VERSION = 1
"""Goes up when a field changes its meaning or goes away, not when one is added."""


def render(plan: Plan, base: str, head: str) -> str:
    """The whole plan; `base` and `head` name the two sides."""
    counts = {kind.value: plan.count(kind) for kind in Kind}
    return dump(
        {
            "version": VERSION,
            "base": base,
            "head": head,
            "counts": {**counts, "indirect": len(plan.indirect), "runs": plan.runs, "warnings": plan.warnings},
            "consequences": [_consequence(each) for each in plan.consequences],
            "dags": [_dag(each) for each in plan.changes],
        }
    )


def _consequence(each: Consequence) -> dict[str, Any]:
    return {
        "kind": each.slug,
        "level": each.level.value,
        "text": each.text,
        "dag_ids": list(each.dag_ids),
        "place": each.place,
        "runs": each.runs,
    }


def _dag(change: DagChange) -> dict[str, Any]:
    return {
        "change": change.kind.value,
        "dag_id": change.dag_id,
        "path": change.path,
        "team": change.team,
        "was": change.was,
        "was_in": change.was_in,
        "indirect": change.indirect,
        "through": list(change.through),
        "tasks": change.tasks,
        "schedule": {"before": _timing(change.before), "after": _timing(change.after)},
        "fields": [_field(each) for each in change.fields],
        "nodes": [_node(each) for each in change.nodes],
        "reaches": [{"dag_id": each.dag_id, "how": each.how} for each in change.reaches],
    }


def _timing(when: Timing | None) -> dict[str, Any] | None:
    if when is None:
        return None
    return {
        "words": when.words,
        "timezone": when.zone,
        "next": [each.isoformat() for each in when.upcoming],
        "assets": list(when.assets),
    }


def _node(change: NodeChange) -> dict[str, Any]:
    return {
        "change": change.kind.value,
        "is": change.noun,
        "name": change.name,
        "was": change.was,
        "operator": change.operator,
        "after": list(change.after),
        "fields": [_field(each) for each in change.fields],
    }


def _field(change: FieldChange) -> dict[str, Any]:
    """A side that has no value has no key either: null is a value."""
    sides = {"before": change.before, "after": change.after}
    values = {key: plain(each) for key, each in sides.items() if each is not ABSENT}
    return {"name": change.name, **values, "through": change.through}
