"""Nobody has said how often a task is tried again.

*Why*: most failures of a night are gone a minute later. A task that must not be tried again says so: `retries: 0`. This
rule is off until the policy switches it on.

*Bad*:

    # validators/policy.yaml
    rules: {missing-retries: warning}
    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.bash.BashOperator, bash_command: echo hello}

*Good*:

    # validators/policy.yaml
    rules: {missing-retries: warning}
    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      default_args: {retries: 2}
      tasks:
        extract: {operator: airflow.providers.standard.operators.bash.BashOperator, bash_command: echo hello}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Severity
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.rules.lacking import lacking

ID = "missing-retries"
SEVERITY = Severity.WARNING
OPTIONAL = True


def check(project: Project, known: Known) -> Iterator[Problem]:
    """One problem for each DAG with tasks of which it is not said; one that does nothing cannot fail."""
    del known
    for dag in project.dags:
        tasks = [task for task in dag.tasks.values() if not str(task.config.get("operator")).endswith("EmptyOperator")]
        yield from lacking(ID, dag, tasks, "retries", "write `retries: 2` under `default_args`, or `retries: 0`")
