"""A DAG is to be made from a template that is not there.

*Why*: without it there is nothing to build. The template `nightly` is the file `configs/templates/nightly.yaml`.

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
      template: nigthly
      with: {table: orders}

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
      with: {table: orders}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Severity
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "unknown-template"
SEVERITY = Severity.ERROR


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each `template` that names none."""
    del known
    return (problem for problem in project.making if problem.rule == ID)
