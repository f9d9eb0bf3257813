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
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from mergeflow.catalog import Operator, Parameter
from mergeflow.catalog.types import fits, names_of, spell, surely
from mergeflow.dag import Dag, Node
from mergeflow.diagnostic import Place, Problem, Severity
from mergeflow.model import kind_of, near
from mergeflow.project import Project
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
    judged: dict[str, Mapping[str, frozenset[type]]] = {}
    for dag in project.dags:
        for task in dag.tasks.values():
            path, config = task.config.get("operator"), task.config
            if not isinstance(path, str):
                continue
            if path not in judged:
                judged[path] = _judged(known.catalog.operator(path), known)
            types = judged[path]
            for key in types.keys() & config.keys():  # a fleet has many, and nearly all fit
                if type(config[key]) not in types[key]:
                    yield from _in_task(dag, task, key, known)
            if types and "partial" in config:
                yield from _in_partial(dag, task, types, known)
    yield from _named(project, known)


def _judged(operator: Operator | None, known: Known) -> Mapping[str, frozenset[type]]:
    """The operator's own parameters of which there is a value that does not fit, with the types that surely do."""
    own = operator.parameters.items() if operator else ()
    typed = {name: surely(parameter) for name, parameter in own if name not in known.catalog.common}
    return {name: types for name, types in typed.items() if types is not None}


def _in_task(dag: Dag, task: Node, key: str, known: Known) -> Iterator[Problem]:
    operator, value = known.catalog.operator(task.config["operator"]), task.config[key]
    if operator and not fits(value, operator.parameters[key]):
        place = dag.place(*task.route, key)
        yield _problem(key, value, operator.parameters[key], f"task `{task.name}`", place)


def _in_partial(dag: Dag, task: Node, types: Collection[str], known: Known) -> Iterator[Problem]:
    operator, partial = known.catalog.operator(task.config["operator"]), task.config["partial"]
    for key, value in partial.items() if operator and isinstance(partial, dict) else ():
        if operator and key in types and not fits(value, operator.parameters[key]):
            place = dag.place(*task.route, "partial", key)
            yield _problem(key, value, operator.parameters[key], f"task `{task.name}`", place)


def _named(project: Project, known: Known) -> Iterator[Problem]:
    for each in named(project, known):
        for key, value in each.arguments.items():
            parameter = each.entry.parameters.get(key)
            if parameter and not fits(value, parameter):
                place = Place(each.place.path, (*each.place.route, key))
                yield _problem(key, value, parameter, f"`{each.entry.name}`", place)


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
        if found := near(value, [name.strip("'") for name in wanted if name.startswith("'")]):
            return found
    if wanted == ["list"] and not isinstance(value, dict):
        return "write [a, b], also for a single one"
    if wanted == ["dict"] and not isinstance(value, list):
        return "write {key: value}"
    plain = isinstance(value, bool | int | float) or type(value).__name__ in ("date", "datetime")
    return "put it in quotes" if plain and "str" in wanted and not {"int", "float", "bool"} & {*wanted} else ""
