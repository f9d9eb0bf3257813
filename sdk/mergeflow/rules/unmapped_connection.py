"""A test gives or expects data in a connection that it does not map.

*Why*: no other connection exists in a test, so there would be nowhere to put the data or to look for it. Tables are
given and expected in a throw-away database, files in a `folder`.

*Bad*:

    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      start_date: 2026-01-01
      tests:
        first_run:
          connections: {orders_db: sqlite}
          expect:
            data:
              - {conn_id: order_db, table: orders, rows: 3}
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
            data:
              - {conn_id: orders_db, table: orders, rows: 3}
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
from typing import NamedTuple

from mergeflow.dag import Dag
from mergeflow.diagnostic import Part, Problem, Route, Severity
from mergeflow.model import near
from mergeflow.pipeline_tests import DATABASES, FOLDER, PipelineTest, tests_of
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "unmapped-connection"
SEVERITY = Severity.ERROR
MERGE_ONLY = True


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each connection under `given` and `expect` that is none of the test's, or of the wrong kind."""
    del known
    for dag in project.dags:
        for test in tests_of(dag):
            told: set[str] = set()
            for use in _uses(test):
                if use.conn_id not in told and (problem := _problem(dag, test, use)):
                    told.add(use.conn_id)
                    yield problem


class _Use(NamedTuple):
    """A connection of a test in which something is looked for: `source`; empty where data is given."""

    conn_id: str
    source: str
    route: Route
    part: Part


def _uses(test: PipelineTest) -> Iterator[_Use]:
    for conn_id in test.given or ():
        yield _Use(conn_id, "", (*test.route, "given", conn_id), "key")
    for each in test.data:
        yield _Use(each.conn_id, each.source, (*each.route, "conn_id"), "value")


def _problem(dag: Dag, test: PipelineTest, use: _Use) -> Problem | None:
    place, is_file = dag.place(*use.route, part=use.part), use.source == "file"
    if use.conn_id not in test.connections:
        message = f"test `{test.name}` has no connection `{use.conn_id}` among its `connections`"
        hint = near(use.conn_id, test.connections) or f"add `{use.conn_id}: {FOLDER if is_file else DATABASES[0]}`"
        return Problem(ID, message, place, hint)
    wanted = (FOLDER,) if is_file else DATABASES if use.source else (*DATABASES, FOLDER)
    wrong = next((kind for kind in test.connections[use.conn_id] if kind not in wanted), None)
    if wrong is None:
        return None
    said = f"a `{wrong}`" if isinstance(wrong, str) else "no throw-away one"
    what = f"a {use.source} is expected" if use.source else "data is given"
    message = f"connection `{use.conn_id}` is {said} in test `{test.name}`, and {what} in it"
    return Problem(ID, message, place, f"map it to {' or '.join(f'`{each}`' for each in wanted)}")
