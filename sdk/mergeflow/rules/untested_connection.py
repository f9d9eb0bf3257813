"""A DAG names a connection that its test does not map.

*Why*: no other connection exists in a test, so a task that uses this one fails there, whatever it does elsewhere. A
test that is meant to show just that may ignore this.

*Bad*:

    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      start_date: 2026-01-01
      tests:
        first_run:
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

from mergeflow.diagnostic import Problem, Severity
from mergeflow.model import nearest
from mergeflow.pipeline_tests import DATABASES, has_tests, tests_of
from mergeflow.project import Project
from mergeflow.rules.connection_not_granted import connections_of
from mergeflow.rules.known import Known

ID = "untested-connection"
SEVERITY = Severity.WARNING


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each test whose DAG names a connection, in so many letters, that the test does not have."""
    del known
    for dag in project.dags:
        named = sorted({name for _, name in connections_of(dag)}) if has_tests(dag) else []
        for test in tests_of(dag):
            for name in named:
                if name not in test.connections:
                    slip = nearest(name, [each for each in test.connections if each not in named])
                    hint = f"rename `{slip}` to `{name}`" if slip else f"add `{name}: {DATABASES[0]}`"
                    where = dag.place(*test.route, "connections", part="key")
                    place = where if where.route[-1:] == ("connections",) and test.connections else test.place
                    message = f"test `{test.name}` has no connection `{name}`, which DAG `{dag.dag_id}` names"
                    yield Problem(ID, message, place, hint)
