"""A template is given a parameter that it does not have, or a value that it refuses; or lacks one that it needs.

*Why*: a template says what it takes, so that whoever uses it need not read it; what does not fit would build another
DAG than was meant.

*Bad*:

    # configs/templates/nightly.yaml
    description: a table, loaded once a night
    params:
      table: {type: string, description: the table to load}
      retries: {type: integer, default: 2}
    dag:
      schedule: "@daily"
      tasks:
        load:
          operator: airflow.providers.standard.operators.bash.BashOperator
          bash_command: echo ${{ params.table }}
          retries: ${{ params.retries }}
    # configs/team/a.yaml
    orders:
      template: nightly
      with: {table: orders, retries: many}

*Good*:

    # configs/templates/nightly.yaml
    description: a table, loaded once a night
    params:
      table: {type: string, description: the table to load}
      retries: {type: integer, default: 2}
    dag:
      schedule: "@daily"
      tasks:
        load:
          operator: airflow.providers.standard.operators.bash.BashOperator
          bash_command: echo ${{ params.table }}
          retries: ${{ params.retries }}
    # configs/team/a.yaml
    orders:
      template: nightly
      with: {table: orders, retries: 5}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Severity
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "wrong-parameter"
SEVERITY = Severity.ERROR


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each parameter, or at the `template` that lacks one."""
    del known
    return (problem for problem in project.making if problem.rule == ID)
