"""A plan for a terminal, in the manner of terraform: only what changes, and one line that sums it up."""

import math
from collections.abc import Iterator
from typing import Any

import yaml

from mergeflow.plan import ABSENT, DagChange, FieldChange, Kind, NodeChange, Plan
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
    text = printable(_spelled(value))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _spelled(value: Any) -> str:
    """A value as YAML writes it on one line, so that the text `1` differs from the number 1."""
    dumped = yaml.dump(
        value, Dumper=_Dumper, default_flow_style=True, allow_unicode=True, sort_keys=False, width=math.inf
    )
    return str(dumped).removesuffix("\n").removesuffix("\n...")


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        """Write a value out wherever it stands: an anchor would name nothing that the reader sees."""
        del data
        return True


def _painted(text: str) -> str:
    colors = dict(_SIGNS.values())
    painted = []
    for line in text.split("\n"):
        color = colors.get(line.lstrip()[:1], BOLD if line.startswith("Plan:") else "")
        painted.append(f"{color}{line}{RESET}" if color and line.strip() else line)
    return "\n".join(painted)
