"""Something that a DAG cannot do without is not there.

*Why*: a DAG without tasks does nothing, and a task without an operator or a name cannot be built; dag-factory leaves
the whole DAG out and says so in a log that nobody reads.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {retries: 2}

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {retries: 2, operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Place, Problem, Severity
from mergeflow.project import NODE_LISTS, Dag, Node, Project
from mergeflow.rules.known import Known

ID = "missing-key"
SEVERITY = Severity.ERROR


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem for each missing `tasks`, `operator`, `task_id`, `group_name` or operator parameter."""
    for dag in project.dags:
        if not dag.config.get("tasks"):
            place = Place(dag.path, (dag.dag_id,), "key")
            yield Problem(ID, f"DAG `{dag.dag_id}` has no `tasks`", place, "add at least one task under `tasks`")
        yield from _nameless(dag)
        for task in dag.tasks.values():
            yield from _operator(dag, task, known)


def _nameless(dag: Dag) -> Iterator[Problem]:
    for key, name_key in NODE_LISTS:
        listed = dag.config.get(key)
        for i, each in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(each, dict) and name_key not in each:
                message = f"entry {i + 1} of `{key}` in `{dag.dag_id}` lacks `{name_key}`"
                yield Problem(ID, message, dag.place(key, i), f"add `{name_key}: <name>`")


def _operator(dag: Dag, task: Node, known: Known) -> Iterator[Problem]:
    path = task.config.get("operator")
    place = dag.place(*task.route, part="key" if isinstance(task.route[-1], str) else "value")
    if path is None and task.config.get("decorator") is None:
        hint = "name an operator, such as airflow.providers.standard.operators.bash.BashOperator"
        yield Problem(ID, f"task `{task.name}` has neither `operator` nor `decorator`", place, hint)
    operator = known.catalog.operator(path) if isinstance(path, str) else None
    given = {*task.config, *_mapping(dag.config.get("default_args"))}
    given |= {key for part in ("expand", "partial") for key in _mapping(task.config.get(part))}
    given |= {
        str(each.get("attribute")) for each in task.config.get("variables_as_arguments") or () if isinstance(each, dict)
    }
    for parameter in sorted(operator.required - given if operator else ()):
        if not (parameter == "python_callable" and "python_callable_name" in given):
            message = f"task `{task.name}` lacks `{parameter}`, which {str(path).rpartition('.')[2]} needs"
            yield Problem(ID, message, place, f"add `{parameter}: …`")


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
