"""A task loses its dependencies to a task group of its name.

*Why*: dag-factory keeps tasks and task groups in one mapping to set dependencies. Where both have a name it takes the
group's, so what the task waits for is dropped without a word, and the task runs too early.

*Bad*:

    orders:
      schedule: "@daily"
      task_groups:
        load: {tooltip: into the warehouse}
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
        load:
          operator: airflow.providers.standard.operators.empty.EmptyOperator
          task_group_name: load
          dependencies: [extract]

*Good*:

    orders:
      schedule: "@daily"
      task_groups:
        load: {tooltip: into the warehouse}
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
        write:
          operator: airflow.providers.standard.operators.empty.EmptyOperator
          task_group_name: load
          dependencies: [extract]
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Related, Severity
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "lost-dependencies"
SEVERITY = Severity.ERROR
MERGE_ONLY = True
"""The DAG is built and runs; only in another order."""


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at the dependencies of each task whose name a task group has, too."""
    del known
    for dag in project.dags:
        for name in dag.groups.keys() & dag.tasks.keys() if dag.groups else ():
            task, group = dag.tasks[name], dag.groups[name]
            if task.dependencies:
                related = Related(dag.place(*group.route, part="key"), "the task group")
                message = f"dag-factory drops the dependencies of task `{name}`: a task group has this name, too"
                place = dag.place(*task.route, "dependencies", part="key")
                yield Problem(ID, message, place, "rename the task or the task group", related=(related,))
