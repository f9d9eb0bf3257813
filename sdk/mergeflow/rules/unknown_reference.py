"""A task takes the result of one that does not exist, or whose result cannot be had that way.

*Why*: dag-factory looks a `+task` up when it builds the DAG, and leaves the whole DAG out where there is none. `+task`
of an operator is no result, but the operator itself.

*Bad*:

    orders:
      schedule: "@daily"
      start_date: 2024-01-01
      tasks:
        path: {decorator: airflow.sdk.task, python_callable: tempfile.gettempdir}
        show: {decorator: airflow.sdk.task, python_callable: posixpath.basename, p: +paths, dependencies: [path]}

*Good*:

    orders:
      schedule: "@daily"
      start_date: 2024-01-01
      tasks:
        path: {decorator: airflow.sdk.task, python_callable: tempfile.gettempdir}
        show: {decorator: airflow.sdk.task, python_callable: posixpath.basename, p: +path, dependencies: [path]}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Route, Severity
from mergeflow.model import SHAPES, near
from mergeflow.project import Dag, Node, Project
from mergeflow.rules.known import BUILDER_KEYS, Known
from mergeflow.rules.references import of_a_decorator, of_an_operator

ID = "unknown-reference"
SEVERITY = Severity.ERROR


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each reference to a result that is not there."""
    del known
    for dag in project.dags:
        for task in dag.tasks.values():
            if "operator" not in task.config and "decorator" in task.config:
                yield from _in_decorated(dag, task)
            elif isinstance(task.config.get("expand"), dict):
                yield from _in_expand(dag, task)


def _in_decorated(dag: Dag, task: Node) -> Iterator[Problem]:
    for route, value in _arguments(task):
        name = of_a_decorator(value)
        if not name:
            continue
        source = dag.tasks.get(name)
        if source is None:
            yield _unknown(dag, task, route, name, "+{}")
        elif "operator" in source.config:
            message = f"task `{task.name}` takes `+{name}`, and `{name}` has an operator, not a decorator"
            mapped = "expand" in route
            hint = f"give `{name}` a decorator" if mapped else f"write \"{{{{ ti.xcom_pull(task_ids='{name}') }}}}\""
            yield Problem(ID, message, dag.place(*route), hint)


def _arguments(task: Node) -> Iterator[tuple[Route, str]]:
    """What may be an argument of a decorated function: any key that neither dag-factory nor Airflow has a use for."""
    own = SHAPES["Task"].keys.keys() | BUILDER_KEYS
    for key, value in task.config.items():
        if isinstance(value, str) and key not in own:
            yield (*task.route, key), value
    for part in ("expand", "partial"):
        values = task.config.get(part)
        for key, value in values.items() if isinstance(values, dict) else ():
            if isinstance(value, str):
                yield (*task.route, part, key), value


def _in_expand(dag: Dag, task: Node) -> Iterator[Problem]:
    for key, value in task.config["expand"].items():
        name = of_an_operator(value) if isinstance(value, str) else ""
        if name and name not in dag.tasks and name.rpartition(".")[2] not in dag.tasks:
            spelling = "XcomArg({})" if "XcomArg" in value else "{}.output"
            yield _unknown(dag, task, (*task.route, "expand", key), name, spelling)


def _unknown(dag: Dag, task: Node, route: Route, name: str, spelling: str) -> Problem:
    written = spelling.format(name)
    message = f"task `{task.name}` takes `{written}`, and this DAG has no task `{name}`"
    found = near(name, sorted(dag.tasks), but=task.name)
    return Problem(
        ID, message, dag.place(*route), found or "name a task of this DAG, or write a text that no `+` begins"
    )
