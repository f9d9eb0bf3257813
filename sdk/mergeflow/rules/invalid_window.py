"""The window of a table belongs to no run, or cannot be told.

*Why*: a run of Airflow 3 by cron begins and ends at the moment when it is due: its data interval is empty, and holds no
rows. So a window says how far back it reaches, in `minutes`, `hours` or `days`, unless a timetable has intervals.

*Bad*:

    # configs/team/a.yaml
    orders:
      schedule: "@hourly"
      tasks:
        check:
          type: expectations
          suite: team/orders
          conn_id: orders_db
          table: orders
          window: {column: ordered_at}
    # validators/expectations/team/orders.yaml
    expectations:
      - expectation: expect_table_row_count_to_be_between
        min_value: 1

*Good*:

    # configs/team/a.yaml
    orders:
      schedule: "@hourly"
      tasks:
        check:
          type: expectations
          suite: team/orders
          conn_id: orders_db
          table: orders
          window: {column: ordered_at, hours: 1}
    # validators/expectations/team/orders.yaml
    expectations:
      - expectation: expect_table_row_count_to_be_between
        min_value: 1
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mergeflow.dag import Dag, Node
from mergeflow.diagnostic import Problem, Severity
from mergeflow.model import near
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.rules.named_suites import checks

ID = "invalid-window"
SEVERITY = Severity.ERROR

SPANS = ("minutes", "hours", "days")
_KEYS = ("column", *SPANS)
_LONGEST = 100_000
"""Of a span in its unit; days beyond it lead to before the calendar's first year."""
_HINT = "say how far back it reaches, such as `hours: 1`"
_FORM = "write `{column: ordered_at, hours: 1}`"


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem for each window whose rows nobody could tell."""
    del known
    if not any("window" in document.text for document in project.documents.values()):
        return
    for dag in project.dags:
        for task in checks(dag):
            if task.config.get("window") is not None:
                yield from _of_task(dag, task, task.config["window"])


def _of_task(dag: Dag, task: Node, window: object) -> Iterator[Problem]:
    route = (*task.route, "window")
    owner = f"`window` of task `{task.name}`"
    if not isinstance(window, dict):
        if "operator" in task.config:  # of a task type the model says it
            yield Problem(ID, f"{owner} must be a mapping", dag.place(*route), _FORM)
        return
    strays = [key for key in window if key not in _KEYS]
    for key in strays:
        hint = near(str(key), _KEYS) or f"write {', '.join(f'`{each}`' for each in _KEYS)}"
        yield Problem(ID, f"unknown key `{key}` in {owner}", dag.place(*route, key, part="key"), hint)
    if not strays:
        yield from _wrong_values(dag, route, window, owner)


def _wrong_values(dag: Dag, route: tuple[str | int, ...], window: Mapping[str, Any], owner: str) -> Iterator[Problem]:
    column = window.get("column")
    if not isinstance(column, str) or not column.strip():
        place = dag.place(*route, "column") if "column" in window else dag.place(*route)
        yield Problem(ID, f"{owner} names no `column` that holds the moment of a row", place, _FORM)
    spans = [key for key in SPANS if key in window]
    for key in spans:
        value = window[key]
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _LONGEST:
            yield Problem(ID, f"`{key}` in {owner} must be a whole number from 1", dag.place(*route, key), _HINT)
    if len(spans) > 1:
        message = f"{owner} has both `{spans[0]}` and `{spans[1]}`"
        yield Problem(ID, message, dag.place(*route, spans[1], part="key"), "keep one of them")
    if not spans and (why := _no_interval(dag)):
        yield Problem(ID, f"{owner} is empty in every run: {why}", dag.place(*route), _HINT)


def _no_interval(dag: Dag) -> str:
    """Why the data interval of the DAG's runs is empty, as far as that is known: of a timetable it is not."""
    if dag.config.get("timetable"):
        return ""
    schedule = dag.config.get("schedule")
    kind = schedule.get("__type__") if isinstance(schedule, dict) else None
    if (
        isinstance(kind, str)
        and "timedelta" not in kind
        and not kind.rpartition(".")[2].startswith(("Asset", "Dataset"))
    ):
        return ""
    if isinstance(schedule, str):
        return f"a run by `{schedule}` has no data interval in Airflow 3"
    return "a run of this DAG has no data interval"
