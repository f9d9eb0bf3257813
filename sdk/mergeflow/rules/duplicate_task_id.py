"""One task_id, or one group_name, stands twice in a list.

*Why*: dag-factory refuses the DAG, and none of it appears.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        - {task_id: extract, operator: airflow.providers.standard.operators.empty.EmptyOperator}
        - {task_id: extract, operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        - {task_id: extract, operator: airflow.providers.standard.operators.empty.EmptyOperator}
        - {task_id: load, operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

from collections.abc import Iterator

from mergeflow.dag import NODE_LISTS
from mergeflow.diagnostic import Problem, Related, Severity
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "duplicate-task-id"
SEVERITY = Severity.ERROR


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each name but the first; in a mapping YAML itself refuses the second key."""
    del known
    for dag in project.dags:
        for key, name_key in NODE_LISTS:
            listed = dag.config.get(key)
            first: dict[str, int] = {}
            for i, each in enumerate(listed if isinstance(listed, list) else ()):
                name = each.get(name_key) if isinstance(each, dict) else None
                if isinstance(name, str) and first.setdefault(name, i) != i:
                    related = Related(dag.place(key, first[name], name_key), "the first one")
                    message = f"{name_key} `{name}` stands twice in this list"
                    yield Problem(ID, message, dag.place(key, i, name_key), "rename one", related=(related,))
