"""Assets in a form that Airflow 3 does not take.

*Why*: dag-factory builds lists of URIs, objects after `__type__`, and conditions of objects. Its older forms, such as
`datasets` in a schedule or a condition of plain URIs, it hands on to Airflow as they are, which refuses the DAG.

*Bad*:

    orders:
      schedule:
        datasets: [s3://landing/items]
      start_date: 2024-01-01
      tasks:
        extract:
          operator: airflow.providers.standard.operators.empty.EmptyOperator
          outlets: [s3://landing/items]

*Good*:

    orders:
      schedule: [s3://landing/items]
      start_date: 2024-01-01
      tasks:
        extract:
          operator: airflow.providers.standard.operators.empty.EmptyOperator
    items:
      schedule: "@daily"
      start_date: 2024-01-01
      tasks:
        extract:
          operator: airflow.providers.standard.operators.empty.EmptyOperator
          outlets: [s3://landing/items]
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mergeflow.dag import Dag, Node
from mergeflow.diagnostic import Problem, Route, Severity
from mergeflow.model import kind_of
from mergeflow.model.shape import is_built
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "invalid-assets"
SEVERITY = Severity.ERROR

_CONDITIONS = ("__and__", "__or__")
_LISTS = ("builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset")
_FORMS = "write a cron expression, a list of URIs, or `__type__` with an asset's or a timetable's import path"
_OBJECT = "add `__type__: airflow.sdk.Asset`"


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each schedule, inlet and outlet that cannot be built."""
    del known
    for dag in project.dags:
        schedule = dag.config.get("schedule")
        if isinstance(schedule, dict | list):
            yield from _schedule(dag, schedule)
        for task in dag.tasks.values():
            for key in ("inlets", "outlets"):
                assets = task.config.get(key)
                if assets and isinstance(assets, dict | list):
                    yield from _assets(dag, task, key, assets)


def _schedule(dag: Dag, schedule: Mapping[str, Any] | list[Any]) -> Iterator[Problem]:
    if isinstance(schedule, list):
        for i, each in enumerate(schedule):
            if each is not None and not isinstance(each, str):
                yield from _part(dag, ("schedule", i), each)
    elif is_built(schedule):
        yield from _part(dag, ("schedule",), schedule)
    else:
        message = f"DAG `{dag.dag_id}`: Airflow 3 takes no mapping as a schedule"
        yield Problem(ID, message, dag.place("schedule"), _instead(schedule))


def _instead(schedule: Mapping[str, Any]) -> str:
    """How a schedule is written that stands in one of dag-factory's older forms."""
    if "datasets" in schedule:
        return (
            "write the URIs as a list; a condition is `__and__` or `__or__` over {__type__: airflow.sdk.Asset, uri: …}"
        )
    if "value" in schedule:
        return "write what stands under `value` as the schedule"
    return _OBJECT if schedule.keys() & {"uri", "name"} else _FORMS


def _part(dag: Dag, route: Route, value: object) -> Iterator[Problem]:
    """Something that must be an asset as an object, or a condition of such."""
    if isinstance(value, str):
        hint = f"write {{__type__: airflow.sdk.Asset, uri: {value}}}"
        yield Problem(ID, "a condition is over objects, not over text", dag.place(*route), hint)
        return
    if not isinstance(value, dict):
        hint = "write a URI, or {__type__: airflow.sdk.Asset, uri: …}"
        yield Problem(ID, f"{kind_of(value)} is no asset", dag.place(*route), hint)
        return
    key = next((each for each in _CONDITIONS if each in value and "__type__" not in value), None)
    if key is None:
        if not is_built(value):
            yield Problem(ID, "this mapping is no asset", dag.place(*route), _OBJECT)
    elif not isinstance(value[key], list) or not value[key]:
        yield Problem(ID, f"`{key}` must be a list of assets", dag.place(*route, key), "write [a, b]")
    else:
        for i, each in enumerate(value[key]):
            yield from _part(dag, (*route, key, i), each)


def _assets(dag: Dag, task: Node, key: str, assets: Mapping[str, Any] | list[Any]) -> Iterator[Problem]:
    route = (*task.route, key)
    if isinstance(assets, list):
        for i, each in enumerate(assets):
            if isinstance(each, dict) and not is_built(each):
                yield Problem(ID, "this mapping is no asset", dag.place(*route, i), _OBJECT)
    elif is_built(assets):
        if assets.get("__type__") not in _LISTS:
            yield Problem(
                ID, f"`{key}` must be a list, not a single object", dag.place(*route), "write [{__type__: …}]"
            )
    elif missing := [each for each in ("file", "datasets") if assets.get(each) is None]:
        hint = "write a list of URIs, or a `file` and the names of its `datasets`"
        yield Problem(ID, f"`{key}` of task `{task.name}` lacks `{missing[0]}`", dag.place(*route, part="key"), hint)
