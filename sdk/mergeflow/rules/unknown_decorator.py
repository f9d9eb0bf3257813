"""A decorator that does not exist.

*Why*: dag-factory cannot import it, and none of the DAG appears. Write `task.bash`, as in a Python file, or the import
path of the decorator's function. (`airflow.sdk.task.bash` is neither: dag-factory cannot import an attribute.)

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {decorator: airflow.sdk.task.bash, python_callable: shlex.join}

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {decorator: task.bash, python_callable: shlex.join}
"""

from collections.abc import Iterator

from mergeflow.catalog import Catalog
from mergeflow.diagnostic import Problem, Severity
from mergeflow.model import nearest
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "unknown-decorator"
SEVERITY = Severity.ERROR

_TASK = ("airflow.sdk.task.", "airflow.sdk.definitions.decorators.task.", "airflow.decorators.task.")
"""What stands before the name of a decorator in a DAG file's `@task.bash`."""
_OF_AIRFLOW_2 = "airflow.decorators."
"""Where Airflow 3 has nothing any more but the way to where things have moved."""


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each `decorator` that Airflow cannot import, or that has a bare name which nothing has."""
    for dag in project.dags:
        for task in dag.tasks.values():
            path = task.config.get("decorator")
            if not isinstance(path, str) or known.catalog.decorator(path) or not _is_missing(path, known.catalog):
                continue
            message = f"there is no decorator `{path}`" if path else f"the decorator of task `{task.name}` is empty"
            yield Problem(ID, message, dag.place(*task.route, "decorator"), _hint(path, known.catalog))


def _is_missing(path: str, catalog: Catalog) -> bool:
    module = path.rpartition(".")[0]
    if module in ("", "task") or path.startswith(_TASK):
        return True
    if path.startswith(_OF_AIRFLOW_2):
        return bool(catalog) and not catalog.moved(path)
    return any(each.rpartition(".")[0] == module for each in catalog.names("decorators"))


def _hint(path: str, catalog: Catalog) -> str:
    module, _, name = path.rpartition(".")
    entries = [entry for each in catalog.names("decorators") if (entry := catalog.decorator(each))]
    here = [entry.path for entry in entries if entry.path.rpartition(".")[0] == module]
    if here:
        return f"did you mean `{here[0]}`?"
    if module and len(same := catalog.resolve(name, "decorators")) == 1:
        return f"write `{same[0]}`"
    called = {entry.called: entry for entry in entries}
    wanted = "task" if path == "task" else f"task.{name}"
    near = wanted if wanted in called else nearest(wanted, called)
    if not near:
        return (
            "`mergeflow catalog list --kind decorators` shows those that there are"
            if entries
            else ("write the import path of a decorator's function, `package.module.function`")
        )
    return f"write `{near}`, or `{called[near].path}`"
