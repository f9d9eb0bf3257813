"""How a config names another task's result: `+task`, `+task["key"]`, `task.output` and `XcomArg(task)`."""

import re
from collections.abc import Iterator

from mergeflow.dag import Node
from mergeflow.diagnostic import Route
from mergeflow.model import SHAPES
from mergeflow.rules.known import BUILDER_KEYS

_PLUS = re.compile(r"""\+(\w*)(\[['"].*['"]\])?\n?""")
_OUTPUT = re.compile(r"(.+?)\.output|.*XcomArg.*?\(+(.*?)\)", re.DOTALL)


def of_a_decorator(value: str) -> str:
    """The task that a decorated task's argument names, or nothing."""
    found = _PLUS.fullmatch(value) if value.startswith("+") else None
    return found[1] if found else ""


def of_an_operator(value: str) -> str:
    """The task that a value of an operator's `expand` names, or nothing."""
    found = _OUTPUT.match(value) if ".output" in value or "XcomArg" in value else None
    return (found[1] or found[2] or "") if found else ""


def results_taken(task: Node) -> Iterator[tuple[Route, str, str]]:
    """The results that a task takes: the route from the DAG, the text that names one, and the name in it."""
    expand = task.config.get("expand")
    if "operator" in task.config:
        for key, value in expand.items() if isinstance(expand, dict) else ():
            if isinstance(value, str) and (name := of_an_operator(value)):
                yield (*task.route, "expand", key), value, name
    elif "decorator" in task.config:
        for route, value in _arguments(task):
            if name := of_a_decorator(value):
                yield route, value, name


def _arguments(task: Node) -> Iterator[tuple[Route, str]]:
    """What may be an argument of a decorated function: any key that neither dag-factory nor Airflow has a use for."""
    own = SHAPES["Task"].keys
    for key, value in task.config.items():
        if isinstance(value, str) and key not in own and key not in BUILDER_KEYS:
            yield (*task.route, key), value
    for part in ("expand", "partial"):
        values = task.config.get(part)
        for key, value in values.items() if isinstance(values, dict) else ():
            if isinstance(value, str):
                yield (*task.route, part, key), value
