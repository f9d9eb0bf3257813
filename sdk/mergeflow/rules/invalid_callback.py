"""A callback in a form that dag-factory cannot read.

*Why*: it takes an import path, a mapping with that path under `callback`, or a name together with its file. Anything
else keeps the DAG from being built, or is never called.

*Bad*:

    orders:
      schedule: "@daily"
      start_date: 2024-01-01
      on_failure_callback:
        __type__: airflow.providers.smtp.notifications.smtp.SmtpNotifier
        to: team@example.com
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    orders:
      schedule: "@daily"
      start_date: 2024-01-01
      on_failure_callback:
        callback: airflow.providers.smtp.notifications.smtp.SmtpNotifier
        to: team@example.com
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mergeflow.dag import Dag
from mergeflow.diagnostic import Problem, Route, Severity
from mergeflow.model.shape import is_built
from mergeflow.paths import is_defaults
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "invalid-callback"
SEVERITY = Severity.ERROR

_MARK = "_callback"
_SLIPS = ("callable", "python_callable", "call_back", "calback", "function", "notifier", "path")
"""What people write for `callback`."""
CALLBACKS = frozenset(f"on_{event}{_MARK}" for event in ("execute", "success", "failure", "retry", "skipped"))


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each callback of a DAG, of `default_args`, of a group's or of a task that cannot be built."""
    del known
    naming = {path for path, document in project.documents.items() if _MARK in document.text}
    everywhere = any(is_defaults(path) for path in naming)
    for dag in project.dags if naming else ():
        if everywhere or dag.path in naming:
            for route, holder in _holders(dag):
                given = [key for key in holder if isinstance(key, str) and _MARK in key]
                for key in sorted({key.removesuffix("_name").removesuffix("_file") for key in given} & CALLBACKS):
                    yield from _callback(dag, (*route, key), holder)


def _holders(dag: Dag) -> Iterator[tuple[Route, Mapping[str, Any]]]:
    """The mappings in which dag-factory looks for callbacks."""
    yield (), dag.config
    blocks = [((), dag.config), *((group.route, group.config) for group in dag.groups.values())]
    for route, block in blocks:
        default_args = block.get("default_args")
        if isinstance(default_args, dict):
            yield (*route, "default_args"), default_args
    for task in dag.tasks.values():
        yield task.route, task.config


def _callback(dag: Dag, route: Route, holder: Mapping[str, Any]) -> Iterator[Problem]:
    key = str(route[-1])
    value = holder.get(key)
    if isinstance(value, dict) and "__join__" not in value:
        if is_built(value):
            hint = "write `callback` in the place of `__type__`"
            yield Problem(ID, f"`{key}` is an object, and must be an import path", dag.place(*route), hint)
        elif value.get("callback") is not None and not isinstance(value["callback"], str):
            yield Problem(ID, f"`callback` of `{key}` must be an import path", dag.place(*route, "callback"))
        elif value.get("callback") is None:
            slip = next((each for each in _SLIPS if each in value), "")
            hint = f"rename `{slip}` to `callback`" if slip else "add `callback: <import path>`"
            yield Problem(ID, f"`{key}` lacks `callback`", dag.place(*route, part="key"), hint)
    name, file = f"{key}_name", f"{key}_file"
    given = [each for each in (name, file) if holder.get(each) is not None]
    if len(given) == 1:
        other = file if given == [name] else name
        place = dag.place(*route[:-1], given[0], part="key")
        yield Problem(ID, f"`{given[0]}` is nothing without `{other}`", place, f"add `{other}: …`")
