"""A timetable or notifier that does not exist.

*Why*: dag-factory fails to import it, and none of the DAG appears. Only a slip of the finger beside a name that is
there is reported; what a module has besides timetables and notifiers is not known here.

*Bad*:

    orders:
      schedule:
        __type__: airflow.timetables.trigger.CronTriggerTimtable
        cron: "0 6 * * *"
        timezone: UTC
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    orders:
      schedule:
        __type__: airflow.timetables.trigger.CronTriggerTimetable
        cron: "0 6 * * *"
        timezone: UTC
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

from collections.abc import Iterator

from mergeflow.catalog import Catalog
from mergeflow.diagnostic import Place, Problem, Severity
from mergeflow.model import nearest
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.rules.named import namings

ID = "unknown-class"
SEVERITY = Severity.ERROR

_DATETIME = {"date", "datetime", "time", "timedelta", "timezone", "tzinfo", "UTC"}


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each `__type__` and `callback` that is nearly a timetable or notifier of its module."""
    for place, key, mapping in namings(project) if known.catalog else ():
        path: str = mapping[key]
        meant = _meant(path, known.catalog)
        if meant:
            where = Place(place.path, (*place.route, key))
            yield Problem(ID, f"there is no `{path}`", where, f"did you mean `{meant}`?")


def _meant(path: str, catalog: Catalog) -> str:
    """The entry of the same module whose name is nearest; nothing for what the catalog knows, or knows nothing of."""
    module, _, name = path.rpartition(".")
    every = (*catalog.names("timetables"), *catalog.names("notifiers"), *catalog.names("elsewhere"))
    here = {each.rpartition(".")[2] for each in every if each.rpartition(".")[0] == module}
    if module == "datetime":
        here = _DATETIME
    elif name[:1].islower():
        return ""
    near = "" if not here or name in here else nearest(name, here)
    return f"{module}.{near}" if near else ""
