"""Arguments that a function of this repository does not take, or needs and does not get.

*Why*: without an argument that it needs, the task fails when it runs. One that it does not take is dropped in silence
where the function is an operator's, and Airflow refuses the whole DAG where it is a decorator's. Airflow itself gives
what has the name of a template variable: `ti`, `ds`, `dag_run`, `params` and so on.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.python.PythonOperator
          python_callable: callables.orders.extract_orders
          op_kwargs: {contry: CH}
    # dags/callables/orders.py
    def extract_orders(ds, country="FR"):
        ...

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.python.PythonOperator
          python_callable: callables.orders.extract_orders
          op_kwargs: {country: CH}
    # dags/callables/orders.py
    def extract_orders(ds, country="FR"):
        ...
"""

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from mergeflow.code import Code
from mergeflow.dag import Dag, Node
from mergeflow.diagnostic import Part, Problem, Route, Severity
from mergeflow.model import SHAPES, kind_of, near, nearest
from mergeflow.project import Project
from mergeflow.rules.known import BUILDER_KEYS, Known
from mergeflow.rules.template_context import CONTEXT, REMOVED
from mergeflow.tasks import is_typed

if TYPE_CHECKING:
    from mergeflow.code.module import Parameters

ID = "callable-arguments"
SEVERITY = Severity.ERROR
MERGE_ONLY = True

OPERATORS = frozenset({
    "BranchExternalPythonOperator", "BranchPythonOperator", "BranchPythonVirtualenvOperator", "ExternalPythonOperator",
    "PythonOperator", "PythonSensor", "PythonVirtualenvOperator", "ShortCircuitOperator",
})  # fmt: skip
"""Airflow's operators that call `python_callable` with `op_args`, `op_kwargs` and the template variables by name."""
_GIVEN = ("op_args", "op_kwargs")
_ALWAYS = CONTEXT - {"asset_state_store", "exception", "expanded_ti_count", "reason", "test_mode", "try_number"}
"""What Airflow gives every task by name, so that no position can give it too."""


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each argument too much, and at the function for each that is missing."""
    if known.code is None:
        return
    for dag in project.dags:
        for task in dag.tasks.values():
            if "python_callable" in task.config or "python_callable_file" in task.config:
                yield from _in_task(dag, task, known, known.code)
            elif task.config.get("type") == "python" and is_typed(task.config):
                yield from _of_type(dag, task, known.code)


def _in_task(dag: Dag, task: Node, known: Known, code: Code) -> Iterator[Problem]:
    parameters = _parameters(task, code)
    operator, decorator = task.config.get("operator"), task.config.get("decorator")
    if parameters is None or _are_filled_in(task):
        return
    if isinstance(operator, str) and _is_airflows(operator):
        yield from _of_operator(dag, task, parameters)
    elif operator is None and isinstance(decorator, str) and known.catalog.decorator(decorator) is not None:
        yield from _of_decorator(dag, task, parameters, known)


def _parameters(task: Node, code: Code) -> "Parameters | None":
    """What the function takes; nothing where that is not known for sure."""
    path, name, file = (task.config.get(f"python_callable{end}") for end in ("", "_name", "_file"))
    if isinstance(path, str):
        return code.find(path).parameters
    return code.find_in(file, name).parameters if isinstance(file, str) and isinstance(name, str) else None


def _is_airflows(operator: str) -> bool:
    path, _, name = operator.rpartition(".")
    return name in OPERATORS and (not path or path.startswith("airflow."))


def _are_filled_in(task: Node) -> bool:
    """Whether Airflow's variables give arguments that nobody knows before."""
    return bool(task.config.get("variables_as_arguments"))


def _of_operator(dag: Dag, task: Node, parameters: "Parameters") -> Iterator[Problem]:
    config, mapped, partial = (task.config, *(_mapping(task.config.get(key)) for key in ("expand", "partial")))
    if any(key in mapped for key in _GIVEN):
        return  # what a mapped task gets, each of its runs knows
    route = (*task.route, "partial") if any(key in partial for key in _GIVEN) else task.route
    config = partial if route != task.route else config
    args, kwargs = (config.get(key) for key in _GIVEN)
    defaults = _mapping(dag.config.get("default_args"))
    groups = (_mapping(each.config.get("default_args")) for each in dag.groups.values())
    shared = any(key in each for each in (defaults, *groups) for key in _GIVEN)
    if not isinstance(args, list | None) or not isinstance(kwargs, dict | None) or "__type__" in (kwargs or {}):
        return
    given = {name for name in kwargs or {} if isinstance(name, str)}
    yield from _too_many(dag, task, parameters, args or [], route)
    yield from _given_twice(dag, task, parameters.positional[: len(args or [])], given, route)
    wrong = set() if parameters.more_names else given.difference(parameters.names)
    for name in sorted(wrong):
        yield _not_taken(dag, task, name, (*route, "op_kwargs", name), parameters)
    if not shared:
        taken = {*parameters.positional[: len(args or [])], *given, *CONTEXT}
        yield from _missing(dag, task, parameters.required - taken, wrong, "give it under `op_kwargs`")


def _of_type(dag: Dag, task: Node, code: Code) -> Iterator[Problem]:
    """The task type `python`, whose arguments all have names; their types are looked at, too."""
    path, arguments = task.config.get("callable"), task.config.get("arguments", {})
    parameters = code.find(path).parameters if isinstance(path, str) else None
    if parameters is None or not isinstance(arguments, dict) or "__type__" in arguments:
        return
    route = (*task.route, "arguments")
    given = {name for name in arguments if isinstance(name, str)}
    wrong = set() if parameters.more_names else given.difference(parameters.names)
    for name in sorted(wrong):
        yield _not_taken(dag, task, name, (*route, name), parameters)
    missing = parameters.required - {*given, *CONTEXT}
    yield from _missing(dag, task, missing, wrong, "give it under `arguments`")
    if parameters.types:
        from mergeflow.rules.argument_types import misfits

        for name, wanted, hint in misfits(arguments, parameters.types):
            message = f"argument `{name}` of task `{task.name}` must be {wanted}, not {kind_of(arguments[name])}"
            yield Problem(ID, message, dag.place(*route, name), hint)


def _too_many(dag: Dag, task: Node, parameters: "Parameters", args: list[Any], route: Route) -> Iterator[Problem]:
    """Positional arguments beyond the last parameter."""
    if len(args) > len(parameters.positional) and not parameters.more_positions:
        count = f"{len(parameters.positional)} argument{'s' if len(parameters.positional) != 1 else ''} by position"
        message = f"the function of task `{task.name}` takes {count}, and `op_args` has {len(args)}"
        yield Problem(ID, message, dag.place(*route, "op_args", len(parameters.positional)), takes(parameters))


def _given_twice(dag: Dag, task: Node, names: Iterable[str], given: set[str], route: Route) -> Iterator[Problem]:
    """Positional arguments in the place of what is given by name, too."""
    for i, name in enumerate(names):
        if name in given or name in _ALWAYS:
            who = "`op_kwargs`" if name in given else "Airflow"
            message = f"the function of task `{task.name}` gets `{name}` by position, and from {who} by name"
            yield Problem(ID, message, dag.place(*route, "op_args", i), "give it once: write all under `op_kwargs`")


def _of_decorator(dag: Dag, task: Node, parameters: "Parameters", known: Known) -> Iterator[Problem]:
    config = task.config
    if any(key in config for key in _GIVEN):
        return
    expand, partial = (_mapping(config.get(key)) for key in ("expand", "partial"))
    wrong: dict[str, Route] = {}
    if expand:
        given: set[Any] = {*expand, *partial}
        named = [(name, (form, name)) for form, each in (("expand", expand), ("partial", partial)) for name in each]
        if not parameters.more_names:
            wrong = {name: way for name, way in named if name not in parameters.names}
    else:
        given = {name for name in parameters.positional if name in config}
        wrong = {name: (name,) for name in _misspelt(task, parameters, known)}
    for name, way in wrong.items():
        yield _not_taken(dag, task, name, (*task.route, *way), parameters)
    given |= {*_mapping(dag.config.get("default_args")), *CONTEXT}
    yield from _missing(dag, task, parameters.required - given, wrong, "give it as a key of the task")


def _misspelt(task: Node, parameters: "Parameters", known: Known) -> list[str]:
    """Keys of a task that are no argument, and nothing that a decorator takes, but nearly the name of an argument."""
    entry = known.catalog.decorator(str(task.config["decorator"]))
    own = entry.parameters if entry else ()
    taken = {*SHAPES["Task"].keys, *BUILDER_KEYS, *known.catalog.common, *own, *parameters.positional}
    others = (key for key in task.config if isinstance(key, str) and key not in taken)
    return [key for key in others if nearest(key, parameters.positional)]


def _not_taken(dag: Dag, task: Node, name: str, route: Route, parameters: "Parameters") -> Problem:
    message = f"the function of task `{task.name}` takes no argument `{name}`"
    hint = near(name, parameters.names) or takes(parameters)
    part: Part = "key"
    return Problem(ID, message, dag.place(*route, part=part), hint)


def _missing(dag: Dag, task: Node, names: Collection[str], wrong: Iterable[str], hint: str) -> Iterator[Problem]:
    """What nothing gives, but for what a wrong name is meant to give."""
    missing = sorted(set(names) - {nearest(name, names) for name in wrong})
    if not missing:
        return
    listed = ", ".join(f"`{name}`" for name in missing)
    message = f"the function of task `{task.name}` needs {listed}, which nothing gives it"
    gone = [name for name in missing if name in REMOVED]
    if gone:
        hint = f"Airflow 3 gives no `{gone[0]}`; take another parameter of the function, such as `logical_date`"
    place = next(key for key in ("python_callable", "python_callable_name", "callable") if key in task.config)
    yield Problem(ID, message, dag.place(*task.route, place), hint)


def takes(parameters: "Parameters") -> str:
    """A hint that lists what a function takes, without what Airflow gives it."""
    names = [each for each in parameters.names if each not in CONTEXT] or list(parameters.names)
    listed = ", ".join(f"`{each}`" for each in names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    return f"it takes {listed}" if listed else "it takes nothing"


def _mapping(value: object) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}
