"""An operator or decorator that its authors have given up.

*Why*: it works until the next major release of its provider, and warns on every parse until then.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        wait: {operator: airflow.providers.standard.sensors.time_delta.TimeDeltaSensorAsync, delta: 300}

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        wait: {operator: airflow.providers.standard.sensors.time_delta.TimeDeltaSensor, delta: 300, deferrable: true}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Severity
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "deprecated-operator"
SEVERITY = Severity.WARNING


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each `operator` and `decorator` that the catalog calls deprecated."""
    find = {"operator": known.catalog.operator, "decorator": known.catalog.decorator}
    for dag in project.dags:
        for task in dag.tasks.values():
            for key in find.keys() & task.config.keys():
                name = task.config[key]
                entry = find[key](name) if isinstance(name, str) else None
                if entry and entry.deprecated:
                    message = f"`{entry.called or entry.name}` is deprecated"
                    yield Problem(ID, message, dag.place(*task.route, key), _hint(entry.deprecated))


def _hint(said: str) -> str:
    """What the authors say, as a hint begins."""
    return f"{said[0].lower()}{said[1:]}" if said[:2] != said[:2].upper() else said
