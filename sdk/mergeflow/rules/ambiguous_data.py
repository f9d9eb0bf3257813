"""A task does not say which data its suite is held against, or says it twice.

*Why*: the operator refuses it, and Airflow leaves out the DAG. It takes a `conn_id` with a `table` or a `query`, or it
takes a `file`, or the rows of another task.

*Bad*:

    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      tasks:
        check:
          operator: mergeflow.airflow.operators.expectations.ExpectationsOperator
          suite: team/orders
          conn_id: orders_db
    # validators/expectations/team/orders.yaml
    expectations:
      - expectation: expect_table_row_count_to_be_between
        min_value: 1

*Good*:

    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      tasks:
        check:
          operator: mergeflow.airflow.operators.expectations.ExpectationsOperator
          suite: team/orders
          conn_id: orders_db
          table: orders
    # validators/expectations/team/orders.yaml
    expectations:
      - expectation: expect_table_row_count_to_be_between
        min_value: 1
"""

from collections.abc import Collection, Iterator

from mergeflow.dag import Dag, Node
from mergeflow.diagnostic import Problem, Route, Severity
from mergeflow.model import MOST_WORDS, nearest
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.rules.named_suites import checks

ID = "ambiguous-data"
SEVERITY = Severity.ERROR

DATA = ("table", "query", "file", "rows_of", "task")
ELSEWHERE = (["file"], ["rows_of"], ["task"])
"""What is behind no connection."""
_WORDS = {"file": "file is", "rows_of": "rows are", "task": "rows are"}
KEYS = (*DATA, "conn_id")


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each task that holds data against a suite and names none, several, or no way to it."""
    for dag in project.dags:
        for task in checks(dag):
            given = _given(dag, task)
            named = [each for each in DATA if each in given]
            is_one_elsewhere = named in ELSEWHERE
            if is_one_elsewhere and "conn_id" in given:
                message = f"task `{task.name}` has a `conn_id`, and its {_WORDS[named[0]]} not behind one"
                yield Problem(ID, message, dag.place(*given["conn_id"], part="key"), "remove it, or name a `table`")
            elif is_one_elsewhere or "operator" not in task.config:
                continue  # the rest of a task type's keys is held against its model
            elif len(named) > 1:
                message = f"task `{task.name}` names its data twice: `{named[0]}` and `{named[1]}`"
                yield Problem(ID, message, dag.place(*given[named[1]], part="key"), "keep one of the two")
            else:
                slips = _slips(task) if known.catalog.operator(task.config["operator"]) else set()
                yield from _lacking(dag, task, named, given.keys() | slips)


def _slips(task: Node) -> set[str]:
    """What misspelt keys stand for: those are reported themselves, as unknown keys."""
    taken = tuple(key for key in KEYS if key != "task")
    others = [key for key in task.config if isinstance(key, str) and key not in KEYS]
    return {nearest(key, taken) for key in others} if len(others) <= MOST_WORDS else set()


def _lacking(dag: Dag, task: Node, named: list[str], meant: Collection[str]) -> Iterator[Problem]:
    """What is missing, unless a misspelt key stands for it."""
    place = dag.place(*task.route, part="key" if isinstance(task.route[-1], str) else "value")
    if not named and not any(each in meant for each in DATA):
        message = f"task `{task.name}` names no data to hold against its suite"
        yield Problem(ID, message, place, "add a `table` or a `query`, with a `conn_id`; or a `file`")
    elif named and "conn_id" not in meant:
        message = f"task `{task.name}` names a {named[0]}, and no `conn_id` behind which it is"
        yield Problem(ID, message, place, "add `conn_id: …`")


def _given(dag: Dag, task: Node) -> dict[str, Route]:
    """The keys that say where the data is, each with the route from the DAG to it."""
    given: dict[str, Route] = {}
    holders = (
        (dag.config, ("default_args",)),
        (task.config, ()),
        (task.config, ("partial",)),
        (task.config, ("expand",)),
    )
    for config, holder in holders:
        found: object = config.get(holder[0]) if holder else config
        route = holder if config is dag.config else (*task.route, *holder)
        if isinstance(found, dict):
            given |= {key: (*route, key) for key in KEYS if found.get(key) is not None}
    return given
