"""A test is given a sample that does not exist, or that no table can be filled from.

*Why*: the test cannot begin. A sample is named by its path from the repository's root.

*Bad*:

    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      start_date: 2026-01-01
      tests:
        first_run:
          connections: {orders_db: sqlite}
          given:
            orders_db: {orders: validators/samples/team/order.csv}
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
          given:
            orders_db: {orders: validators/samples/team/orders.csv}
      tasks:
        load:
          operator: airflow.providers.standard.operators.python.PythonOperator
          python_callable: callables.team.load
          op_kwargs: {conn_id: orders_db}
    # dags/callables/team.py
    def load(conn_id):
        print(conn_id)
    # validators/samples/team/orders.csv
    order_id,amount
    1,9.50
"""

from collections.abc import Iterator

from mergeflow.code import FolderTree
from mergeflow.diagnostic import Problem, Severity
from mergeflow.files import SAMPLES
from mergeflow.model import nearest
from mergeflow.pipeline_problems import fills_tables, leads_out
from mergeflow.pipeline_tests import DATABASES, TABLE_FILES, PipelineTest, tests_of
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "missing-sample"
SEVERITY = Severity.ERROR
MERGE_ONLY = True


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each file under `given` that is not there, or that cannot become rows."""
    for dag in project.dags:
        for test in tests_of(dag):
            for conn_id, names in (test.given or {}).items():
                for name, files in names.items():
                    whole = dag.place(*test.route, "given", conn_id, name)
                    for i, file in enumerate(files):
                        place = whole if len(files) == 1 else dag.place(*test.route, "given", conn_id, name, i)
                        if leads_out(file):
                            continue  # which its shape tells
                        if _is_table(test, conn_id) and not fills_tables(file):
                            message = f"the table `{name}` cannot be filled from `{file}`"
                            yield Problem(ID, message, place, f"write one of {', '.join(TABLE_FILES)}")
                        elif _is_there(file, known) is False:
                            yield Problem(ID, f"there is no file `{file}`", place, _hint(file, known))


def _is_table(test: PipelineTest, conn_id: str) -> bool:
    return any(kind in DATABASES for kind in test.connections.get(conn_id, ()))


def _is_there(file: str, known: Known) -> bool | None:
    """Whether a file is there; none where that cannot be known."""
    if file.startswith(f"{SAMPLES}/"):
        return None if known.samples is None else file in known.samples.paths
    if known.code is None or not isinstance(known.code.tree, FolderTree):
        return None
    folder, _, name = file.rpartition("/")
    names = known.code.tree.names(folder or ".")
    return None if names is None else name in names


def _hint(file: str, known: Known) -> str:
    there = known.samples.paths if known.samples else ()
    same = [path for path in there if path.rpartition("/")[2] == file.rpartition("/")[2]]
    near = same[0] if same else nearest(file, there)
    return f"did you mean `{near}`?" if near else "add it, or name one"
