"""A parameter has a value of a type that its operator does not take.

*Why*: an operator finds out when its task runs, or never: `append_env: "false"` is true. What only Python can make (a
time span, a function) is not judged, nor is text that Jinja or another task fills in.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.bash.BashOperator
          bash_command: echo $MESSAGE
          env: MESSAGE=hello

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.bash.BashOperator
          bash_command: echo $MESSAGE
          env: {MESSAGE: hello}
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mergeflow.catalog import Operator, Parameter
from mergeflow.catalog.types import fits, is_checked, names_of, spell
from mergeflow.diagnostic import Place, Problem, Severity
from mergeflow.model import kind_of
from mergeflow.project import Dag, Node, Project
from mergeflow.rules.known import Known
from mergeflow.rules.named import named

ID = "wrong-parameter-type"
SEVERITY = Severity.ERROR

_UNQUOTED = {
    "bool": re.compile(r"true|false|yes|no|on|off", re.IGNORECASE),
    "int": re.compile(r"[-+]?\d+"),
    "float": re.compile(r"[-+]?\d+(\.\d+)?"),
}
"""Texts that would be of the wanted type if they were not in quotes."""


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each value of an operator's own parameter that does not fit.

    What every operator takes is the model's affair. In a decorator's task a key may be the function's instead.
    """
    judged: dict[str, Mapping[str, Parameter]] = {}
    for dag in project.dags:
        for task in dag.tasks.values():
            path = task.config.get("operator")
            if not isinstance(path, str):
                continue
            if path not in judged:
                judged[path] = _judged(known.catalog.operator(path), known)
            yield from _in_task(dag, task, judged[path])
    for each in named(project, known):
        for key, value, parameter in _unfit(each.arguments, each.entry.parameters):
            yield _problem(
                key, value, parameter, f"`{each.entry.name}`", Place(each.place.path, (*each.place.route, key))
            )


def _in_task(dag: Dag, task: Node, parameters: Mapping[str, Parameter]) -> Iterator[Problem]:
    for key, value, parameter in _unfit(task.config, parameters):
        yield _problem(key, value, parameter, f"task `{task.name}`", dag.place(*task.route, key))
    partial = task.config.get("partial")
    for key, value, parameter in _unfit(partial, parameters) if isinstance(partial, dict) else ():
        yield _problem(key, value, parameter, f"task `{task.name}`", dag.place(*task.route, "partial", key))


def _unfit(given: Mapping[str, Any], parameters: Mapping[str, Parameter]) -> list[tuple[str, Any, Parameter]]:
    """What is given and does not fit, in the order of the file."""
    both = given.keys() & parameters.keys()
    if all(fits(given[key], parameters[key]) for key in both):
        return []
    unfit = {key for key in both if not fits(given[key], parameters[key])}
    return [(key, value, parameters[key]) for key, value in given.items() if key in unfit]


def _judged(operator: Operator | None, known: Known) -> Mapping[str, Parameter]:
    """The operator's own parameters of which there is a value that does not fit."""
    if operator is None:
        return {}
    own = operator.parameters.items()
    return {name: parameter for name, parameter in own if name not in known.catalog.common and is_checked(parameter)}


def _problem(key: str, value: Any, parameter: Parameter, owner: str, place: Place) -> Problem:
    found = f"`{value}`" if isinstance(value, str) and "'" in parameter.type else kind_of(value)
    message = f"`{key}` of {owner} must be {spell(parameter.type)}, not {found}"
    return Problem(ID, message, place, _hint(value, parameter))


def _hint(value: Any, parameter: Parameter) -> str:
    wanted = names_of(parameter.type)
    if isinstance(value, str):
        if any(kind in wanted and pattern.fullmatch(value) for kind, pattern in _UNQUOTED.items()):
            return "write it without quotes"
        if "{{" in value or "{%" in value:
            return "Airflow renders Jinja only in template fields, and this is none"
    if wanted == ["list"] and not isinstance(value, dict):
        return "write [a, b], also for a single one"
    if wanted == ["dict"] and not isinstance(value, list):
        return "write {key: value}"
    plain = isinstance(value, bool | int | float) or type(value).__name__ in ("date", "datetime")
    return "put it in quotes" if plain and "str" in wanted and not {"int", "float", "bool"} & {*wanted} else ""
