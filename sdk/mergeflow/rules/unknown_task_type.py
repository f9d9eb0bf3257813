"""A task of a type that does not exist.

*Why*: nobody knows what it should do. There are Mergeflow's own types, on the page docs/task-types.md, and those that
an installed distribution offers.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {type: scirpt, path: orders/extract.sh}
    # dags/scripts/orders/extract.sh
    echo "extract the orders"

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {type: script, path: orders/extract.sh}
    # dags/scripts/orders/extract.sh
    echo "extract the orders"
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Severity
from mergeflow.model import kind_of, near
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.tasks import TaskTypeError, entry_of, is_typed, names

ID = "unknown-task-type"
SEVERITY = Severity.ERROR


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each `type` that is none, or whose distribution is broken."""
    del known
    for dag in project.dags:
        for task in dag.tasks.values():
            if is_typed(task.config):
                name, place = task.config["type"], dag.place(*task.route, "type")
                try:
                    found = entry_of(name)
                except TaskTypeError as error:
                    yield Problem(ID, f"task type `{name}` is broken: {error}", place, "install it anew, or mend it")
                    continue
                if found is None:
                    yield Problem(ID, _message(name, task.name), place, _hint(name))


def _message(name: object, task: str) -> str:
    if not isinstance(name, str):
        return f"the type of task `{task}` must be text, not {kind_of(name)}"
    return f"there is no task type `{name}`"


def _hint(name: object) -> str:
    every = names()
    listed = ", ".join(f"`{each}`" for each in every[:12])
    return (near(name, every) if isinstance(name, str) else "") or f"there is {listed}"
