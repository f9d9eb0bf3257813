"""A key that nobody reads.

*Why*: a misspelt key of a DAG is passed over in silence, so that the setting never holds; one of a task makes Airflow
refuse the whole DAG.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.bash.BashOperator
          bash_command: echo hello
          retires: 3

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.bash.BashOperator
          bash_command: echo hello
          retries: 3
"""

from collections.abc import Collection, Iterator

from mergeflow.catalog import Operator
from mergeflow.dag import Dag, Node
from mergeflow.diagnostic import Place, Problem, Severity
from mergeflow.model import SHAPES, near, nearest
from mergeflow.model.older import OLDER
from mergeflow.project import Project
from mergeflow.rules.known import BUILDER_KEYS, Known
from mergeflow.rules.named import named

ID = "unknown-key"
SEVERITY = Severity.ERROR

_MAPPED = frozenset({"expand", "partial"})
_OTHERWISE = {
    **OLDER,
    "type": "remove it, or the `operator`: a task has one of the two",
    "depends_on": "write `dependencies`",
    "upstream": "write `dependencies`",
}
"""Keys of older releases, and those that other tools have for what dag-factory calls otherwise."""


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each key of a task that its operator does not take, and of a notifier or timetable.

    A DAG's own keys are the model's affair. A decorator's task may have its function's arguments as keys.
    """
    find = known.catalog.operator
    for dag in project.dags:
        for task in dag.tasks.values():
            path = task.config.get("operator")
            operator = find(path) if isinstance(path, str) else None
            if operator and not task.config.keys() <= known.keys_of(operator):
                yield from _in_task(dag, task, operator, known)
            if operator and not _MAPPED.isdisjoint(task.config):
                yield from _in_mapped(dag, task, operator, known)
            if path is not None and "decorator" in task.config:
                message = f"task `{task.name}` has an `operator` and a `decorator`"
                place = dag.place(*task.route, "decorator", part="key")
                yield Problem(ID, message, place, "remove one of them: a task has one of the two")
            if path is None and "decorator" in task.config:
                yield from _in_decorated(dag, task, known)
    for each in named(project, known):
        for key in each.arguments:
            if isinstance(key, str) and key not in each.entry.parameters:
                message = f"unknown key `{key}` for `{each.entry.name}`"
                hint = near(key, each.entry.parameters) or _takes(each.entry.name, sorted(each.entry.parameters))
                yield Problem(ID, message, each.place.at(key, part="key"), hint)
    yield from _in_default_args(project, known)


def _in_task(dag: Dag, task: Node, operator: Operator, known: Known) -> Iterator[Problem]:
    taken = known.keys_of(operator)
    for key in task.config:
        if isinstance(key, str) and key not in taken:
            hint = _OTHERWISE.get(key) or near(key, taken) or _takes(operator.name, sorted(operator.parameters))
            if key in BUILDER_KEYS:
                hint = f"remove it: dag-factory hands {operator.name} no function that is given so"
            yield Problem(
                ID, f"unknown key `{key}` in task `{task.name}`", dag.place(*task.route, key, part="key"), hint
            )


def _in_mapped(dag: Dag, task: Node, operator: Operator, known: Known) -> Iterator[Problem]:
    taken = operator.parameters.keys() | known.catalog.common
    for part in sorted(_MAPPED & task.config.keys()):
        given = task.config[part]
        for key in given if isinstance(given, dict) else ():
            if isinstance(key, str) and key not in taken:
                hint = near(key, taken) or _takes(operator.name, sorted(operator.parameters))
                message = f"unknown key `{key}` under `{part}` of task `{task.name}`"
                yield Problem(ID, message, dag.place(*task.route, part, key, part="key"), hint)


def _in_decorated(dag: Dag, task: Node, known: Known) -> Iterator[Problem]:
    """Keys that neither the decorator takes nor its function, as far as that can be read without importing it."""
    name = task.config["decorator"]
    entry = known.catalog.decorator(name) if isinstance(name, str) else None
    if entry is None or task.config.keys() <= known.keys_of(entry) or task.config.get("variables_as_arguments"):
        return
    arguments = _arguments(task, known)
    if arguments is None:
        return
    taken = known.keys_of(entry) | {*arguments}
    for key in task.config:
        # nearly an argument of the function is `callable-arguments`'s to tell
        if isinstance(key, str) and key not in taken and not nearest(key, arguments):
            hint = _OTHERWISE.get(key) or near(key, taken) or f"neither @{entry.called} takes it nor the function"
            place = dag.place(*task.route, key, part="key")
            yield Problem(ID, f"unknown key `{key}` in task `{task.name}`", place, hint)


def _arguments(task: Node, known: Known) -> Collection[str] | None:
    """The arguments of a task's function that keys may give; none where they are not known."""
    path, name, file = (task.config.get(f"python_callable{end}") for end in ("", "_name", "_file"))
    if known.code is None:
        return None
    if isinstance(path, str):
        found = known.code.find(path).parameters
    elif isinstance(name, str) and isinstance(file, str):
        found = known.code.find_in(file, name).parameters
    else:
        return None
    return found.positional if found else None


def _takes(name: str, parameters: list[str]) -> str:
    listed = ", ".join(f"`{each}`" for each in parameters[:8])
    more = f" and {len(parameters) - 8} more" if len(parameters) > 8 else ""
    return f"{name} takes {listed}{more}" if listed else f"remove it: {name} takes no parameters of its own"


def _in_default_args(project: Project, known: Known) -> Iterator[Problem]:
    """Airflow passes over what no operator takes, and an operator may be unknown: only a near miss is a mistake."""
    catalog = known.catalog
    common = catalog.common | SHAPES["DefaultArgs"].keys.keys()
    taken = common | BUILDER_KEYS
    for place, data in _default_args(project):
        for key in data:
            if (
                isinstance(key, str)
                and key not in taken
                and not catalog.has_parameter(key)
                and (hint := OLDER.get(key) or near(key, common))
            ):
                where = place.at(key, part="key")
                yield Problem(ID, f"unknown key `{key}` in default_args", where, hint)


def _default_args(project: Project) -> Iterator[tuple[Place, dict[str, object]]]:
    """Every `default_args` where it is written, so that one mistake in a `defaults.yml` is reported once."""
    for document in project.documents.values():
        data = document.data if isinstance(document.data, dict) else {}
        blocks = [((), data), *(((key,), value) for key, value in data.items() if isinstance(value, dict))]
        for route, block in blocks:
            found = block.get("default_args")
            if isinstance(found, dict) and route != ("default_args",):
                yield Place(document.path, (*route, "default_args")), found
    for environment in project.environments.values():
        for patch in environment.patches:
            found = patch.layer.data.get("default_args")
            if isinstance(found, dict):
                yield Place(environment.path, (*patch.layer.route, "default_args")), found
