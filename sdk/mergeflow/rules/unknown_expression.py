"""An expression `${{ … }}` that leads to no value.

*Why*: it would reach Airflow as the text that it is. Expressions know `item` in a DAG with `for_each`, and `params` in
a DAG with a template and in the template itself; they look values up and do nothing else.

*Bad*:

    load_${{ item.table }}:
      for_each: [{table: orders, retries: 3}]
      schedule: "@daily"
      tasks:
        load:
          operator: airflow.providers.standard.operators.empty.EmptyOperator
          retries: ${{ item.retires }}

*Good*:

    load_${{ item.table }}:
      for_each: [{table: orders, retries: 3}, {table: customers, retries: 1}]
      schedule: "@daily"
      tasks:
        load:
          operator: airflow.providers.standard.operators.empty.EmptyOperator
          retries: ${{ item.retries }}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Place, Problem, Severity
from mergeflow.expressions import has_expression, resolve
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "unknown-expression"
SEVERITY = Severity.ERROR


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each expression, where a DAG is made and in the defaults, for which there is no value."""
    del known
    yield from (problem for problem in project.making if problem.rule == ID)
    for document in project.defaults:
        yield from _faults(document.path, document.text, (), document.data)
    for document in project.configs:
        if isinstance(document.data, dict):
            yield from _faults(document.path, document.text, ("default",), document.data.get("default"))


def _faults(path: str, text: str, route: tuple[str, ...], data: object) -> Iterator[Problem]:
    """Defaults hold for many DAGs, so there is nothing that an expression in them could mean."""
    for fault in resolve(data, {})[1] if has_expression(text) else ():
        yield Problem(ID, fault.message, Place(path, (*route, *fault.route)), fault.hint)
