"""Sample data that no suite is held against.

*Why*: it looks tested and is not: `mergeflow test` holds a sample against the suite that its path names,
`validators/samples/<team>/<suite>.csv`, or any file in a folder `validators/samples/<team>/<suite>/`. What a config
names, such as the input of a pipeline test, needs no suite.

*Bad*:

    # validators/samples/team/ordres.csv
    order_id,amount
    1,9.50
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

*Good*:

    # validators/samples/team/orders.csv
    order_id,amount
    1,9.50
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
from pathlib import PurePosixPath

from mergeflow.diagnostic import Place, Problem, Severity
from mergeflow.files import SAMPLES
from mergeflow.model import nearest
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.samples import SUFFIXES, named_after, owner_of

ID = "sample-without-suite"
SEVERITY = Severity.WARNING

_SUFFIXES = f"{', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}"


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem for each sample that nothing is held against, and for each that nothing can read."""
    if known.samples is None or known.suites is None:
        return
    for path in known.samples.paths:
        owner, is_data = owner_of(path, known.suites), path.endswith(SUFFIXES)
        if (owner is None) is not is_data or _is_named(project, path):
            continue
        if owner:
            message = f"this sample of the suite `{owner}` is no {_SUFFIXES} file, so nothing is held against it"
            yield Problem(ID, message, Place(path), "write it in one of these forms")
        else:
            yield Problem(ID, "no suite is held against this sample", Place(path), _hint(path, known.suites))


def _is_named(project: Project, path: str) -> bool:
    """Whether a config names it, such as a pipeline test's input."""
    return any(path in document.text for document in project.documents.values())


def _hint(path: str, suites: Collection[str]) -> str:
    name, file = named_after(path), PurePosixPath(path)
    if "/" not in name:
        return f"move it to {SAMPLES}/<team>/<suite>{file.suffix}"
    team, _, own = name.rpartition("/")
    if meant := nearest(own, sorted(each.rpartition("/")[2] for each in suites if each.rpartition("/")[0] == team)):
        return f"did you mean {SAMPLES}/{team}/{meant}{file.suffix}?"
    return f"write its suite: `mergeflow new suite {name} --from {path}`"
