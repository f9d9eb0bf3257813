"""A callback of this repository that Airflow cannot call.

*Why*: Airflow calls it with one argument by position, the context, and with what the config gives by name. When that
does not fit, the log has an error at the moment that the callback is for, and nobody is told.

*Bad*:

    orders:
      schedule: "@daily"
      start_date: 2024-01-01
      on_failure_callback: {callback: callables.alerts.tell, chanel: orders}
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
    # dags/callables/alerts.py
    def tell(context, channel="all"):
        ...

*Good*:

    orders:
      schedule: "@daily"
      start_date: 2024-01-01
      on_failure_callback: {callback: callables.alerts.tell, channel: orders}
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
    # dags/callables/alerts.py
    def tell(context, channel="all"):
        ...
"""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from mergeflow.dag import Dag
from mergeflow.diagnostic import Problem, Route, Severity, has
from mergeflow.model import near
from mergeflow.project import Project
from mergeflow.rules.callable_arguments import takes
from mergeflow.rules.known import Known
from mergeflow.rules.named_code import CALLBACKS, Named, named_in

if TYPE_CHECKING:
    from mergeflow.code.module import Parameters

ID = "callback-arguments"
SEVERITY = Severity.ERROR
MERGE_ONLY = True

_KEYS = frozenset({*CALLBACKS, *(f"{each}_file" for each in CALLBACKS)})


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each callback that takes no context, and at each argument too much or too little."""
    if known.code is None or not any("_callback" in each.text for each in project.documents.values()):
        return
    for dag, named in named_in(project):
        if named.key in _KEYS and (parameters := named.look(known.code).parameters) is not None:
            yield from _called(dag, named, parameters)


def _called(dag: Dag, named: Named, parameters: "Parameters") -> Iterator[Problem]:
    given = _given(dag, named.route)
    for name in given:
        if name not in parameters.names and not parameters.more_names:
            message = f"the callback `{named.text}` takes no argument `{name}`"
            hint = near(name, parameters.names) or takes(parameters)
            yield Problem(ID, message, dag.place(*named.route[:-1], name, part="key"), hint)
    context = next(iter(parameters.positional), None)
    missing = sorted(parameters.required - {context, *given})
    meant = {near(name, missing) for name in given if name not in parameters.names}
    if (context is None and not parameters.more_positions) or context in given:
        message = f"the callback `{named.text}` leaves no place for the context, which Airflow gives it by position"
        yield Problem(ID, message, named.place(dag), "let its first parameter be `context`")
    elif missing and not any(meant):
        listed = ", ".join(f"`{name}`" for name in missing)
        message = f"the callback `{named.text}` needs {listed}, which nothing gives it"
        yield Problem(ID, message, named.place(dag), f"write `callback: {named.text}` and the arguments beside it")


def _given(dag: Dag, route: Route) -> Collection[str]:
    """What stands beside the path of a callback; dag-factory gives all of it by name."""
    if route[-1] != "callback":
        return ()
    at: Any = dag.config
    for segment in route[:-1]:
        if not has(at, segment):
            return ()
        at = at[segment]
    return [key for key in at if isinstance(key, str) and key != "callback"]
