"""A plan for a terminal, in the manner of terraform: only what changes, and one line that sums it up."""

from collections.abc import Iterator
from typing import Any

from mergeflow.plan import ABSENT, DagChange, FieldChange, Kind, NodeChange, Plan
from mergeflow.render.spelled import spelled
from mergeflow.render.text import BOLD, GREEN, RED, RESET, YELLOW, printable

_SIGNS = {Kind.ADDED: ("+", GREEN), Kind.CHANGED: ("~", YELLOW), Kind.REMOVED: ("-", RED)}
_LONGEST = 60


def render(plan: Plan, base: str, head: str, *, color: bool = False) -> str:
    """The whole plan; `base` and `head` name the two sides."""
    lines = [f"{base} → {head}", ""]
    for change in plan.changes:
        lines += [*_dag(change), ""]
    text = "\n".join([*lines, summary(plan)])
    return _painted(text) if color else text


def summary(plan: Plan) -> str:
    """One line: how many DAGs are added, changed and removed."""
    if not plan.changes:
        return "Plan: nothing changes."
    counts = ", ".join(f"{plan.count(kind)} {kind}" for kind in Kind)
    return f"Plan: {counts}."


def _dag(change: DagChange) -> Iterator[str]:
    sign, _ = _SIGNS[change.kind]
    tasks = f", {change.tasks} task{'s' * (change.tasks != 1)}" if change.kind is Kind.ADDED else ""
    yield f"{sign} {printable(change.dag_id)}{tasks}    {printable(change.path)}"
    if change.kind is Kind.REMOVED:
        yield "    its history stays in Airflow, its schedule ends"
    for field in change.fields:
        yield f"    ~ {_field(field)}"
    for node in change.nodes:
        yield from _node(node)


def _node(node: NodeChange) -> Iterator[str]:
    yield f"    {_SIGNS[node.kind][0]} {node.noun} {printable(node.name)}"
    for field in node.fields:
        yield f"        ~ {_field(field)}"


def _field(field: FieldChange) -> str:
    return f"{printable(field.name)}: {_value(field.before)} → {_value(field.after)}"


def _value(value: Any) -> str:
    if value is ABSENT:
        return "(not set)"
    text = printable(spelled(value))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _painted(text: str) -> str:
    colors = dict(_SIGNS.values())
    painted = []
    for line in text.split("\n"):
        color = colors.get(line.lstrip()[:1], BOLD if line.startswith("Plan:") else "")
        painted.append(f"{color}{line}{RESET}" if color and line.strip() else line)
    return "\n".join(painted)
