"""A sensor waits for a task or task group that its DAG does not have.

*Why*: Airflow does not look whether it exists: the sensor waits in vain until it times out, days after the merge.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        load: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
    report:
      schedule: "@daily"
      tasks:
        wait:
          operator: airflow.providers.standard.sensors.external_task.ExternalTaskSensor
          external_dag_id: orders
          external_task_id: laod

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        load: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
    report:
      schedule: "@daily"
      tasks:
        wait:
          operator: airflow.providers.standard.sensors.external_task.ExternalTaskSensor
          external_dag_id: orders
          external_task_id: load
"""

from collections.abc import Iterator, Mapping

from mergeflow.dag import NODE_LISTS, Dag
from mergeflow.diagnostic import Place, Problem, Related, Severity
from mergeflow.model import MOST_HINTS, likely, near
from mergeflow.project import Project
from mergeflow.relations import Reference, full_id, references
from mergeflow.rules.known import Known

ID = "unknown-external-task"
SEVERITY = Severity.ERROR
MERGE_ONLY = True


Ids = Mapping[str, str]
"""The names of a DAG's tasks, or of its task groups, by the ids that Airflow gives them."""


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each mention of a task or group that the DAG it is looked for in does not have."""
    named = [each for dag in project.asked for each in references(dag) if each.name]
    if not named or known.mentions is None:
        return  # without it only a part of the repository is looked at
    dags = {dag.dag_id: dag for dag in project.dags if _is_whole(dag, project)}
    ids: dict[tuple[str, str], Ids] = {}
    found = 0
    for each in named:
        other = dags.get(each.dag_id)
        if other is None:
            continue  # then that is the problem, or there is no telling
        key = (each.dag_id, each.kind)
        there = ids[key] = ids.get(key) or _ids(other, each.kind)
        if each.name not in there:
            found += 1
            place = each.dag.place(*each.route)
            owner = f"DAG `{other.dag_id}`"
            message = f"task `{each.task.name}` {each.verb} {each.kind} `{each.name}`, which {owner} does not have"
            hint = _hint(each, there) if found <= MOST_HINTS else ""
            related = Related(Place(other.path, (other.dag_id,), "key"), "the DAG")
            yield Problem(ID, message, place, hint, related=(related,))


def _is_whole(dag: Dag, project: Project) -> bool:
    """Whether all of a DAG's tasks can be seen: not where its defaults cannot be read, or entries are none."""
    if any(dag.path in project.below(each.location.path) for each in project.refused):
        return False
    listed = [dag.config.get(key) for key, _ in NODE_LISTS]
    if not all(isinstance(each, dict | list | None) for each in listed):
        return False
    return sum(len(each or ()) for each in listed) == len(dag.tasks) + len(dag.groups)


def _ids(dag: Dag, kind: str) -> Ids:
    nodes = dag.tasks if kind == "task" else dag.groups
    return {full_id(dag, node): node.name for node in nodes.values()}


def _hint(each: Reference, ids: Ids) -> str:
    """The id that was meant: that of a task in a group begins with the group's."""
    grouped = next((full for full, name in ids.items() if name == each.name), "")
    if grouped:
        return f"its id is `{grouped}`"
    few = likely(each.name, ids)
    listed = ", ".join(f"`{full}`" for full in list(ids)[:5])
    more = f" and {len(ids) - 5} more" if len(ids) > 5 else ""
    return near(each.name, few) or (f"it has {listed}{more}" if ids else f"it has no {each.kind}")
