"""An expectation, or a column, stands twice in a suite.

*Why*: the second of two equal expectations says nothing, and costs a look at the data; most often it was copied to be
changed. Of two columns with one name, each says something else of it.

*Bad*:

    # validators/expectations/team/orders.yaml
    expectations:
      - {expectation: expect_column_values_to_not_be_null, column: order_id}
      - {expectation: expect_column_values_to_not_be_null, column: order_id}
    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      tasks:
        check:
          operator: mergeflow.airflow.operators.expectations.ExpectationsOperator
          suite: team/orders
          conn_id: orders_db
          table: orders

*Good*:

    # validators/expectations/team/orders.yaml
    expectations:
      - {expectation: expect_column_values_to_not_be_null, column: order_id}
      - {expectation: expect_column_values_to_not_be_null, column: customer_id}
    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      tasks:
        check:
          operator: mergeflow.airflow.operators.expectations.ExpectationsOperator
          suite: team/orders
          conn_id: orders_db
          table: orders
"""

from collections.abc import Iterable, Iterator

from mergeflow.diagnostic import Place, Problem, Related, Severity
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.suites import Entry, columns, expectations

ID = "duplicate-expectation"
SEVERITY = Severity.ERROR


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each that has stood before, which is shown beside it."""
    del known
    for document in project.suites.values():
        entries = [
            (each, (each.name, repr(sorted(each.parameters.items(), key=repr)))) for each in expectations(document.data)
        ]
        yield from _twice(document.path, entries, "this expectation stands above already", "remove it, or change it")
        named = [(each, each.name) for each in columns(document.data)]
        yield from _twice(document.path, named, "this column stands above already", "write all of it in one place")


def _twice(path: str, entries: Iterable[tuple[Entry, object]], message: str, hint: str) -> Iterator[Problem]:
    first: dict[object, Entry] = {}
    for entry, said in entries:
        if said in first:
            related = Related(Place(path, first[said].route), "the first of the two")
            yield Problem(ID, message, Place(path, entry.route), hint, related=(related,))
        first.setdefault(said, entry)
