"""A suite names an expectation that Great Expectations does not have.

*Why*: the task that holds data against the suite fails in every run, whatever the data is.

*Bad*:

    # validators/expectations/team/orders.yaml
    expectations:
      - expectation: expect_column_values_to_not_be_nul
        column: order_id
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
      - expectation: expect_column_values_to_not_be_null
        column: order_id
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

from collections.abc import Iterator

from mergeflow.catalog import Catalog
from mergeflow.diagnostic import Place, Problem, Severity
from mergeflow.model import near
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.suites import expectations

ID = "unknown-expectation"
SEVERITY = Severity.ERROR


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each name that the catalog does not have, where it has any expectations."""
    for document in project.suites.values():
        for entry in expectations(document.data):
            if not known.catalog.expectation(entry.name) and known.catalog.names("expectations"):
                place = Place(document.path, (*entry.route, "expectation"))
                message = f"there is no expectation `{entry.name}`" if entry.name else "this expectation has no name"
                yield Problem(ID, message, place, _hint(entry.name, known.catalog))


def _hint(name: str, catalog: Catalog) -> str:
    """The nearest name in the spelling that was meant, a class's or Great Expectations' own."""
    classes = [path.rpartition(".")[2] for path in catalog.names("expectations")]
    if name[:1].isupper():
        return near(name, classes) or "`mergeflow catalog list --kind expectations` shows those that exist"
    called = [entry.called for each in classes if (entry := catalog.expectation(each))]
    prefixed = {each.removeprefix("expect_") for each in called}
    if name in prefixed:
        return f"did you mean `expect_{name}`?"
    return near(name, called) or "`mergeflow catalog list --kind expectations` shows those that exist"
