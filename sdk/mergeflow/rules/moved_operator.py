"""An operator or decorator is imported from where it was in Airflow 2.

*Why*: Airflow 3 still finds it there, says on every parse that it is deprecated, and will stop finding it.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.operators.empty.EmptyOperator}

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Severity
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "moved-operator"
SEVERITY = Severity.WARNING


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each `operator` and `decorator` that Airflow redirects; a deprecated one has its own way out."""
    for dag in project.dags:
        for task in dag.tasks.values():
            for key in ("operator", "decorator"):
                path = task.config.get(key)
                new = known.catalog.moved(path) if isinstance(path, str) else ""
                if new and not _is_deprecated(new, known):
                    message = f"`{path}` is where Airflow 2 had it, and deprecated"
                    yield Problem(ID, message, dag.place(*task.route, key), f"write `{new}`")


def _is_deprecated(path: str, known: Known) -> bool:
    entry = known.catalog.operator(path)
    return bool(entry and entry.deprecated)
