"""A DAG catches up from no date.

*Why*: with `catchup: true` Airflow refuses a scheduled DAG that has no `start_date`, and none of it appears. Without
catch-up it needs none: its first run is the next one that is due.

*Bad*:

    orders:
      schedule: "@daily"
      catchup: true
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

from collections.abc import Iterator

from mergeflow.dag import Dag
from mergeflow.diagnostic import Place, Problem, Related, Severity
from mergeflow.model import MOST_WORDS, SHAPES, nearest
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "missing-start-date"
SEVERITY = Severity.ERROR


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each `catchup: true` of a scheduled DAG that has no start; at a DAG that inherits it."""
    del known
    for dag in project.dags:
        if dag.config.get("catchup") is True and _is_scheduled(dag) and not _starts(dag):
            message = f"DAG `{dag.dag_id}` has `catchup: true` and no `start_date`"
            place, own = dag.place("catchup"), Place(dag.path, (dag.dag_id,), "key")
            inherited = place.route[:1] != own.route or place.path != own.path
            related = (Related(place, "the catch-up"),) if inherited else ()
            hint = "add a `start_date`, or write `catchup: false`"
            yield Problem(ID, message, own if inherited else place, hint, related=related)


def _is_scheduled(dag: Dag) -> bool:
    schedule = dag.config.get("schedule")
    if isinstance(schedule, str):
        return schedule.strip().lower() != "none"  # any case, dag-factory's null
    never = isinstance(schedule, dict) and str(schedule.get("__type__")).endswith("NullTimetable")
    return schedule is not None and not never


def _starts(dag: Dag) -> bool:
    """Whether a start is given or was meant: a misspelt key is reported itself."""
    default_args = dag.config.get("default_args")
    if dag.config.get("start_date") is not None or (isinstance(default_args, dict) and "start_date" in default_args):
        return True
    unknown = [key for key in dag.config if isinstance(key, str) and key not in SHAPES["Dag"].keys]
    return len(unknown) <= MOST_WORDS and bool(nearest("start_date", unknown))
