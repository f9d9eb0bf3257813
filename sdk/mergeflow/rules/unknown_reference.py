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

from mergeflow.dag import Dag, Node
from mergeflow.diagnostic import Problem, Route, Severity
from mergeflow.model import near
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.rules.references import results_taken
from mergeflow.tasks import is_typed

ID = "unknown-reference"
SEVERITY = Severity.ERROR


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each reference to a result that is not there."""
    del known
    for dag in project.dags:
        for task in dag.tasks.values():
            for route, text, name in results_taken(task):
                if name not in dag.tasks and not _in_a_group(dag, task, name):
                    yield _unknown(dag, task, route, text, name)
                elif "operator" not in task.config and _has_operator(dag.tasks[name]):
                    message = f"task `{task.name}` takes `+{name}`, and `{name}` has an operator, not a decorator"
                    pulled = f"write \"{{{{ ti.xcom_pull(task_ids='{name}') }}}}\""
                    hint = f"give `{name}` a decorator" if "expand" in route else pulled
                    yield Problem(ID, message, dag.place(*route), hint)


def _has_operator(task: Node) -> bool:
    return "operator" in task.config or is_typed(task.config)


def _in_a_group(dag: Dag, task: Node, name: str) -> bool:
    """Whether `group.task` names a task by its whole id, as an operator's `expand` may."""
    return "operator" in task.config and name.rpartition(".")[2] in dag.tasks


def _unknown(dag: Dag, task: Node, route: Route, text: str, name: str) -> Problem:
    written = f"+{name}" if text.startswith("+") else text
    message = f"task `{task.name}` takes `{written}`, and this DAG has no task `{name}`"
    found = near(name, sorted(dag.tasks), but=task.name)
    return Problem(
        ID, message, dag.place(*route), found or "name a task of this DAG, or write a text that no `+` begins"
    )
