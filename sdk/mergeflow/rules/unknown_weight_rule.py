"""A weight rule that does not exist.

*Why*: Airflow builds the DAG and cannot store it, so that none of it appears.

*Bad*:

    orders:
      schedule: "@daily"
      start_date: 2024-01-01
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator, weight_rule: down_stream}

*Good*:

    orders:
      schedule: "@daily"
      start_date: 2024-01-01
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator, weight_rule: downstream}
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mergeflow.dag import Dag
from mergeflow.diagnostic import Problem, Route, Severity
from mergeflow.model import near
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "unknown-weight-rule"
SEVERITY = Severity.ERROR

WEIGHT_RULES = ("absolute", "downstream", "upstream")
"""Those of Airflow 3.3.2; a plugin may have others, which go by their import path."""


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each `weight_rule` of a task or of `default_args` that does not exist."""
    del known
    for dag in project.dags:
        for route, holder in _holders(dag):
            name = holder.get("weight_rule")
            if isinstance(name, str) and name not in WEIGHT_RULES and "." not in name:
                hint = near(name, WEIGHT_RULES) or f"one of {', '.join(f'`{each}`' for each in WEIGHT_RULES)}"
                message = f"there is no weight rule `{name}`"
                yield Problem(ID, message, dag.place(*route, "weight_rule"), hint)


def _holders(dag: Dag) -> Iterator[tuple[Route, Mapping[str, Any]]]:
    blocks = [((), dag.config), *((group.route, group.config) for group in dag.groups.values())]
    for route, block in blocks:
        default_args = block.get("default_args")
        if isinstance(default_args, dict):
            yield (*route, "default_args"), default_args
    for task in dag.tasks.values():
        yield task.route, task.config
