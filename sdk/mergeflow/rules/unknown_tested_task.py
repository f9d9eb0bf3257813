"""A test expects the state of a task that its DAG does not have.

*Why*: the test fails in every run, and what it was meant to show nobody sees. Tasks in a group that prefixes their
names are called by their whole id, `group.task`.

*Bad*:

    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      start_date: 2026-01-01
      tests:
        first_run:
          connections: {orders_db: sqlite}
          expect:
            tasks: {laod: success}
      tasks:
        load:
          operator: airflow.providers.standard.operators.python.PythonOperator
          python_callable: callables.team.load
          op_kwargs: {conn_id: orders_db}
    # dags/callables/team.py
    def load(conn_id):
        print(conn_id)

*Good*:

    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      start_date: 2026-01-01
      tests:
        first_run:
          connections: {orders_db: sqlite}
          expect:
            tasks: {load: success}
      tasks:
        load:
          operator: airflow.providers.standard.operators.python.PythonOperator
          python_callable: callables.team.load
          op_kwargs: {conn_id: orders_db}
    # dags/callables/team.py
    def load(conn_id):
        print(conn_id)
"""

from collections.abc import Iterator

from mergeflow.dag import Dag
from mergeflow.diagnostic import Problem, Severity
from mergeflow.model import near
from mergeflow.pipeline_tests import has_tests, tests_of
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "unknown-tested-task"
SEVERITY = Severity.ERROR
MERGE_ONLY = True


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each name under `expect.tasks` that is the id of no task."""
    del known
    for dag in project.dags:
        names = _task_ids(dag) if has_tests(dag) else set()
        for test in tests_of(dag):
            for name in test.tasks or ():
                if name not in names:
                    place = dag.place(*test.route, "expect", "tasks", name, part="key")
                    message = f"test `{test.name}` expects a state of `{name}`, and DAG `{dag.dag_id}` has no such task"
                    yield Problem(ID, message, place, near(name, names) or _hint(name, names))


def _task_ids(dag: Dag) -> set[str]:
    """The ids that tasks have in Airflow: those in a group begin with its name, unless the group says otherwise."""
    ids: set[str] = set()
    for task in dag.tasks.values():
        group = task.config.get("task_group_name")
        ids.add(f"{_prefix(dag, group)}{task.name}" if isinstance(group, str) else task.name)
    return ids


def _prefix(dag: Dag, name: str) -> str:
    parts: list[str] = []
    seen: set[str] = set()
    at: object = name
    while isinstance(at, str) and at in dag.groups and at not in seen:
        seen.add(at)
        group = dag.groups[at].config
        if group.get("prefix_group_id", True) is False:
            break
        parts.append(at)
        at = group.get("parent_group_name")
    return "".join(f"{each}." for each in reversed(parts))


def _hint(name: str, names: set[str]) -> str:
    whole = sorted(each for each in names if each.endswith(f".{name}"))
    return f"write `{whole[0]}`: its group is a part of its id" if whole else ""
