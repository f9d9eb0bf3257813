"""A timetable, notifier, asset or time span that does not exist.

*Why*: dag-factory fails to import it, and none of the DAG appears. Only names that are nearly right are reported, and
those that Airflow 2 had: what else a package may define is not known here.

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

_OBJECTS = {
    "datetime": {"date", "datetime", "time", "timedelta", "timezone", "tzinfo", "UTC"},
    "airflow.sdk": {"Asset", "AssetAccessControl", "AssetAlias", "AssetAll", "AssetAny", "AssetWatcher", "Param"}
    | {"ObjectStoragePath", "ParamsDict", "asset"},
}
"""What configs build of modules that hold more than timetables and notifiers."""
_OF_AIRFLOW_2 = {
    **{f"airflow.datasets.Dataset{end}": f"airflow.sdk.Asset{end}" for end in ("", "Alias", "All", "Any")},
    "airflow.timetables.datasets.DatasetOrTimeSchedule": "airflow.timetables.assets.AssetOrTimeSchedule",
}


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each `__type__` and `callback` that is nearly a class of its module, or one of Airflow 2."""
    for place, key, mapping in namings(project) if known.catalog else ():
        path: str = mapping[key]
        hint = f"write `{_OF_AIRFLOW_2[path]}`" if path in _OF_AIRFLOW_2 else ""
        if not hint and (meant := _meant(path, known.catalog)):
            hint = f"did you mean `{meant}`?"
        if hint:
            yield Problem(ID, f"there is no `{path}`", Place(place.path, (*place.route, key)), hint)


def _meant(path: str, catalog: Catalog) -> str:
    """The entry of the same module whose name is nearest; nothing for what the catalog knows, or knows nothing of."""
    module, _, name = path.rpartition(".")
    every = (*catalog.names("timetables"), *catalog.names("notifiers"), *catalog.names("elsewhere"))
    here = {each.rpartition(".")[2] for each in every if each.rpartition(".")[0] == module}
    if module in _OBJECTS:
        here |= _OBJECTS[module]
    elif name[:1].islower():
        return ""
    near = "" if not here or name in here else nearest(name, here)
    return f"{module}.{near}" if near else ""
