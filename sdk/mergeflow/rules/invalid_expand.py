"""`expand` over something that is no list, mapping or task's result, or of what must be the same for all.

*Why*: `expand` makes one run of the task for each entry of a list or mapping, written there or returned by another
task: `task.output` for an operator, `+task` for a decorator. Airflow refuses a DAG with anything else, and one that
expands `retries` or another setting that holds for all these runs.

*Bad*:

    orders:
      schedule: "@daily"
      start_date: 2024-01-01
      tasks:
        list:
          operator: airflow.providers.standard.operators.bash.BashOperator
          bash_command: ls
        copy:
          operator: airflow.providers.standard.operators.bash.BashOperator
          expand: {bash_command: list}
          dependencies: [list]

*Good*:

    orders:
      schedule: "@daily"
      start_date: 2024-01-01
      tasks:
        list:
          operator: airflow.providers.standard.operators.bash.BashOperator
          bash_command: ls
        copy:
          operator: airflow.providers.standard.operators.bash.BashOperator
          expand: {bash_command: list.output}
          dependencies: [list]
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mergeflow.dag import Dag, Node
from mergeflow.diagnostic import Problem, Severity
from mergeflow.model import kind_of
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.rules.references import of_a_decorator, of_an_operator

ID = "invalid-expand"
SEVERITY = Severity.ERROR


UNMAPPABLE = frozenset(
    {"allow_nested_operators", "depends_on_past", "email_on_failure", "email_on_retry", "execution_timeout"}
    | {"executor_config", "ignore_first_depends_on_past", "inlets", "map_index_template", "max_retry_delay", "outlets"}
    | {"on_execute_callback", "on_failure_callback", "on_retry_callback", "on_skipped_callback", "on_success_callback"}
    | {"owner", "pool_slots", "priority_weight", "queue", "retries", "retry_delay", "retry_exponential_backoff"}
    | {"retry_policy", "task_id", "trigger_rule", "wait_for_downstream", "wait_for_past_depends_before_skipping"}
    | {"weight_rule"}
)
"""What Airflow sets once for all runs of a mapped task of an operator."""


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each value of `expand` that is no list, mapping or task's result, and at a `partial` alone."""
    del known
    for dag in project.dags:
        for task in dag.tasks.values():
            config = task.config
            if "partial" in config and not config.get("expand"):
                message = f"`partial` of task `{task.name}` is nothing without `expand`"
                hint = "add `expand`, or write the parameters into the task itself"
                yield Problem(ID, message, dag.place(*task.route, "partial", part="key"), hint)
            if "expand" in config and isinstance(config["expand"], dict):
                yield from _values(dag, task, config["expand"])


def _values(dag: Dag, task: Node, expand: Mapping[str, Any]) -> Iterator[Problem]:
    decorated = "operator" not in task.config
    refers, other = (of_a_decorator, of_an_operator) if decorated else (of_an_operator, of_a_decorator)
    for key, value in expand.items():
        if key in UNMAPPABLE and not decorated:
            message = f"`{key}` of task `{task.name}` cannot differ from one mapped run to the next"
            hint = "take it out of `expand`, and write one value into the task itself"
            yield Problem(ID, message, dag.place(*task.route, "expand", key, part="key"), hint)
            continue
        if isinstance(value, dict | list) or (isinstance(value, str) and refers(value)):
            continue
        name = (other(value) or _bare(dag, value)) if isinstance(value, str) else ""
        right = f"+{name}" if decorated else f"{name}.output"
        hint = f"write `{right}`" if name else "write a list, or name the task that returns one"
        message = f"`expand` of task `{task.name}` cannot map over {'nothing' if value is None else kind_of(value)}"
        yield Problem(ID, message, dag.place(*task.route, "expand", key), hint)


def _bare(dag: Dag, value: str) -> str:
    return value if value in dag.tasks else ""
