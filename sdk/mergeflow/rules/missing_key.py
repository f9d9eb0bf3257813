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

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from mergeflow.catalog import Operator
from mergeflow.dag import NODE_LISTS, Dag, Node, is_loose
from mergeflow.diagnostic import Place, Problem, Severity
from mergeflow.model import MOST_WORDS, SHAPES, near, nearest
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.rules.named import named
from mergeflow.tasks import is_typed

ID = "missing-key"
SEVERITY = Severity.ERROR

_EXAMPLE = "airflow.providers.standard.operators.bash.BashOperator"
_BUILT = {
    "python_callable": ("python_callable",),
    "response_check": ("response_check",),
    "success": ("success_check",),
    "failure": ("failure_check",),
}
"""Parameters that dag-factory makes of `<key>_name` and `<key>_file`, or of `<key>_lambda`."""


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem for each missing `tasks`, `operator`, `task_id`, `group_name` or parameter."""
    find = known.catalog.operator
    for dag in project.dags:
        if not (dag.config.get("tasks") or "tasks" in _meant(dag.config, SHAPES["Dag"].keys) or _beside(project, dag)):
            place = dag.place(part="key")
            hint = near(dag.dag_id, ["default"]) or "add at least one task under `tasks`"
            yield Problem(ID, f"DAG `{dag.dag_id}` has no `tasks`", place, hint)
        yield from _nameless(dag)
        for task in dag.tasks.values():
            path = task.config.get("operator")
            entry = find(path) if isinstance(path, str) else None
            if entry is None or not entry.required <= task.config.keys():
                yield from _in_task(dag, task, entry, known)
    yield from _named(project, known)


def _beside(project: Project, dag: Dag) -> bool:
    """Whether `tasks` stand beside the DAG, where a dag_id should: then they are what is reported."""
    data = project.documents[dag.path].data
    tasks = data.get("tasks") if isinstance(data, dict) else None
    return isinstance(tasks, dict) and is_loose("tasks", tasks)


def _nameless(dag: Dag) -> Iterator[Problem]:
    for (key, name_key), shape in zip(NODE_LISTS, ("Task", "TaskGroup"), strict=True):
        listed = dag.config.get(key)
        for i, each in enumerate(listed if isinstance(listed, list) else ()):
            if not isinstance(each, dict) or each.get(name_key) is not None:
                continue
            slip = _slip(name_key, each, shape)
            if not slip or shape == "Task":  # a group takes no keys but its own, so its slip is reported already
                hint = f"rename `{slip}` to `{name_key}`" if slip else f"add `{name_key}: <name>`"
                yield Problem(ID, f"entry {i + 1} of `{key}` lacks `{name_key}`", dag.place(key, i), hint)


def _in_task(dag: Dag, task: Node, entry: Operator | None, known: Known) -> Iterator[Problem]:
    path, decorator = task.config.get("operator"), task.config.get("decorator")
    if path is None and decorator is None and not is_typed(task.config):
        slips = {wanted: _slip(wanted, task.config, "Task") for wanted in ("operator", "decorator", "type")}
        meant = next((f"rename `{slip}` to `{wanted}`" for wanted, slip in slips.items() if slip), "")
        hint = meant or f"name one, such as `operator: {_EXAMPLE}`"
        yield Problem(ID, f"task `{task.name}` has no `operator`, `decorator` or `type`", _head(dag, task), hint)
    if path is None and isinstance(decorator, str):
        entry = known.catalog.decorator(decorator)
    if entry and not entry.required <= task.config.keys():
        yield from _parameters(dag, task, entry, known)


def _parameters(dag: Dag, task: Node, entry: Operator, known: Known) -> Iterator[Problem]:
    given = set(_mapping(dag.config.get("default_args")))
    group = task.config.get("task_group_name")
    if isinstance(group, str) and group in dag.groups:
        given |= _mapping(dag.groups[group].config.get("default_args")).keys()
    given |= {str(each.get("attribute")) for each in _list(task.config.get("variables_as_arguments"))}
    for mapping in (task.config, *(_mapping(task.config.get(part)) for part in ("expand", "partial"))):
        given |= mapping.keys() | _meant(mapping, known.keys_of(entry))
    for parameter in sorted(entry.required - given):
        named = [each for each in _BUILT.get(parameter, ()) if f"{each}_name" in given or f"{each}_lambda" in given]
        if parameter == "python_callable" and named and "python_callable_file" not in given:
            message = f"task `{task.name}` has a `python_callable_name`, and no file to take it from"
            hint = "add `python_callable_file: …`, or write `python_callable: package.module.function` instead"
            where = dag.place(*task.route, "python_callable_name", part="key")
            yield Problem(ID, message, where if "python_callable_name" in task.config else _head(dag, task), hint)
        elif not named:
            owner = f"@{entry.called}" if entry.called else entry.name
            message = f"task `{task.name}` lacks `{parameter}`, which {owner} needs"
            yield Problem(ID, message, _head(dag, task), f"add `{parameter}: …`")


def _named(project: Project, known: Known) -> Iterator[Problem]:
    for each in named(project, known):
        given = each.arguments.keys() | _meant(each.arguments, each.entry.parameters)
        for parameter in sorted(each.entry.required - given if not each.positional else ()):
            message = f"`{each.entry.name}` lacks `{parameter}`"
            yield Problem(ID, message, each.place, f"add `{parameter}: …`")


def _head(dag: Dag, task: Node) -> Place:
    return dag.place(*task.route, part="key" if isinstance(task.route[-1], str) else "value")


def _slip(wanted: str, config: Mapping[str, Any], shape: str) -> str:
    """The key that somebody has written for `wanted`, or nothing."""
    unknown = [key for key in config if isinstance(key, str) and key not in SHAPES[shape].keys]
    otherwise = ("name", "id") if wanted == "task_id" else ()
    return nearest(wanted, unknown) or next((each for each in otherwise if each in unknown), "")


def _meant(config: Mapping[str, Any], known: Collection[str]) -> set[str]:
    """The keys that misspelt ones stand for: those are reported themselves, as unknown keys."""
    unknown = [key for key in config if isinstance(key, str) and key not in known]
    return {nearest(key, known) for key in unknown} if len(unknown) <= MOST_WORDS else set()


def _list(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
