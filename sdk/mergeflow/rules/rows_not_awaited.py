"""A task holds another's rows against a suite, and does not wait for it.

*Why*: Airflow starts both at once, and there are no rows yet; or, in a run that was cleared, those of its last try.

*Bad*:

    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      tasks:
        load: {type: sql, conn_id: orders_db, sql: SELECT 1 AS id}
        check: {type: expectations, suite: team/orders, task: load}
    # validators/expectations/team/orders.yaml
    expectations:
      - expectation: expect_table_row_count_to_be_between
        min_value: 1

*Good*:

    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      tasks:
        load: {type: sql, conn_id: orders_db, sql: SELECT 1 AS id}
        check: {type: expectations, suite: team/orders, task: load, dependencies: [load]}
    # validators/expectations/team/orders.yaml
    expectations:
      - expectation: expect_table_row_count_to_be_between
        min_value: 1
"""

from collections.abc import Iterator

from mergeflow.dag import Dag
from mergeflow.diagnostic import Problem, Severity
from mergeflow.model import near
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.rules.named_suites import checks
from mergeflow.rules.upstream import MOST_GROUPS, upstream_of

ID = "rows-not-awaited"
SEVERITY = Severity.ERROR


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each name of a task whose rows may not be there."""
    del known
    if not any("xpectations" in document.text for document in project.documents.values()):
        return
    for dag in project.dags:
        for task in checks(dag):
            key = "rows_of" if "operator" in task.config else "task"
            name = task.config.get(key)
            if not isinstance(name, str) or not name:
                continue
            source = name.rpartition(".")[2] if name not in dag.tasks else name
            place = dag.place(*task.route, key)
            if source not in dag.tasks:
                message = f"task `{task.name}` holds the rows of `{name}`, and this DAG has no such task"
                yield Problem(ID, message, place, near(name, sorted(dag.tasks), but=task.name))
            elif source == task.name:
                message = f"task `{task.name}` holds its own rows against a suite, and it has none"
                yield Problem(ID, message, place, "name the task before it that returns rows")
            elif not _waits(dag, task.name, source):
                message = f"task `{task.name}` holds the rows of `{name}`, and does not wait for it"
                yield Problem(ID, message, place, f"add `{source}` to its `dependencies`")


def _waits(dag: Dag, name: str, source: str) -> bool:
    """Whether a task waits for another, also through others; yes where there are too many groups to tell."""
    if len(dag.groups) > MOST_GROUPS:
        return True
    upstream = upstream_of(dag)
    seen: set[str] = set()
    ahead = [name]
    while ahead:
        for each in upstream.get(ahead.pop(), set()) - seen:
            seen.add(each)
            ahead.append(each)
    return source in seen
