"""What `mergeflow new rule` writes: a rule that works, to be changed into the one that is wanted."""

_MODULE = '''\
"""A DAG belongs to nobody.

*Why*: this rule was written by `mergeflow new rule`. Say here what goes wrong without it, in Airflow or in the team.

*Bad*:

    orders:
      default_args: {{owner: nobody}}
      schedule: "@daily"
      tasks:
        extract: {{operator: airflow.providers.standard.operators.empty.EmptyOperator}}

*Good*:

    orders:
      default_args: {{owner: payments}}
      schedule: "@daily"
      tasks:
        extract: {{operator: airflow.providers.standard.operators.empty.EmptyOperator}}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Severity
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "{slug}"
SEVERITY = Severity.WARNING


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at the owner of each DAG that nobody owns; `dag.config` is the DAG with all its defaults."""
    for dag in project.dags:
        default_args = dag.config.get("default_args")
        if isinstance(default_args, dict) and default_args.get("owner") == "nobody":
            message = f"DAG `{{dag.dag_id}}` belongs to nobody"
            yield Problem(ID, message, dag.place("default_args", "owner"), "name the team that is called when it fails")
'''

_CASE = """\
# configs/team/defaults.yml
default_args: {owner: nobody}
# configs/team/a.yaml
orders:
  schedule: "@daily"
  tasks:
    extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""


def module(slug: str) -> str:
    """The module of a rule."""
    return _MODULE.format(slug=slug)


def case() -> str:
    """A case for it: a mistake in a file that the docstring does not show."""
    return _CASE
