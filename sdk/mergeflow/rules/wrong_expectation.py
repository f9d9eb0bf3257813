"""An expectation's parameters are not those that it takes.

*Why*: Great Expectations refuses them, and the task that holds data against the suite fails in every run. The catalog
knows which parameters an expectation takes. A column that is a slip of one of the suite's `columns` is found too.

*Bad*:

    # validators/expectations/team/orders.yaml
    expectations:
      - expectation: expect_table_row_count_to_be_between
        minimum: 1
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
      - expectation: expect_table_row_count_to_be_between
        min_value: 1
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

from collections.abc import Collection, Iterator

from mergeflow.catalog import Operator, Parameter
from mergeflow.catalog.types import fits, spell
from mergeflow.diagnostic import Place, Problem, Severity
from mergeflow.document import Document
from mergeflow.model import kind_of, near, nearest
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.suites import Entry, columns, expectations

ID = "wrong-expectation"
SEVERITY = Severity.ERROR

OUR_OWN = frozenset({"catch_exceptions", "result_format", "severity"})
"""What Great Expectations takes too, and Mergeflow decides."""


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem for each parameter that is unknown, missing or of another type."""
    for document in project.suites.values():
        names = {each.name for each in columns(document.data)}
        for entry in expectations(document.data):
            kind = known.catalog.expectation(entry.name)
            if kind:
                yield from _parameters(document, entry, kind)
                yield from _columns(document, entry, names)


def _parameters(document: Document, entry: Entry, kind: Operator) -> Iterator[Problem]:
    taken = kind.parameters.keys() - OUR_OWN
    given = {key for key in entry.parameters if isinstance(key, str)}
    slips = set()
    for key in sorted(given - taken):
        place = Place(document.path, (*entry.route, key), "key")
        slips.add(nearest(key, sorted(taken - given)))
        hint = near(key, sorted(taken - given)) or f"it takes {_listed(kind)}"
        yield Problem(ID, f"`{entry.name}` takes no `{key}`", place, hint)
    for key in sorted(kind.required - given - slips):
        yield Problem(ID, f"`{entry.name}` lacks `{key}`", Place(document.path, entry.route), f"add `{key}: …`")
    for key in sorted(given & taken):
        value, parameter = entry.parameters[key], kind.parameters[key]
        if not fits(value, parameter):
            place = Place(document.path, (*entry.route, key))
            message = f"`{key}` of `{entry.name}` must be {spell(parameter.type)}, not {kind_of(value)}"
            yield Problem(ID, message, place, _quotes(value, parameter))
    if kind.called.endswith("_between") and not given & {"min_value", "max_value"} and given <= taken:
        message = f"`{entry.name}` has neither `min_value` nor `max_value`"
        yield Problem(ID, message, Place(document.path, entry.route), "add at least one of the two")


def _quotes(value: object, parameter: Parameter) -> str:
    """Whether quotes are all that is wrong."""
    if isinstance(value, str) and value.replace(".", "", 1).isdecimal():
        return "write it without quotes"
    return "put it in quotes" if isinstance(value, int | float) and fits("", parameter) else ""


def _columns(document: Document, entry: Entry, names: Collection[str]) -> Iterator[Problem]:
    """A column that the suite does not list may exist all the same; only a near miss is a mistake."""
    for key in ("column", "column_A", "column_B"):
        name = entry.parameters.get(key)
        if isinstance(name, str) and name not in names and (hint := near(name, sorted(names))):
            message = f"the columns of this suite have no `{name}`"
            yield Problem(ID, message, Place(document.path, (*entry.route, key)), hint)


def _listed(kind: Operator) -> str:
    """The parameters that make an expectation what it is, in words."""
    own = [name for name in kind.parameters if name not in OUR_OWN | {"meta", "notes", "description", "windows"}]
    return ", ".join(f"`{name}`" for name in sorted(own))
