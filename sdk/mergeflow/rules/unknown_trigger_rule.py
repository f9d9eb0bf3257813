"""A trigger rule that Airflow does not have.

*Why*: the task cannot be built, and none of its DAG appears.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator, trigger_rule: all_sucess}

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator, trigger_rule: all_success}
"""

from collections.abc import Iterator

from mergeflow.dag import Dag, Node
from mergeflow.diagnostic import Problem, Route, Severity
from mergeflow.model import nearest
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.tasks import is_typed

ID = "unknown-trigger-rule"
SEVERITY = Severity.ERROR

TRIGGER_RULES = (
    "all_done",
    "all_done_min_one_success",
    "all_done_setup_success",
    "all_failed",
    "all_skipped",
    "all_success",
    "always",
    "none_failed",
    "none_failed_min_one_success",
    "none_skipped",
    "one_done",
    "one_failed",
    "one_success",
)
"""Those of Airflow 3.3.2."""
_RENAMED = {"none_failed_or_skipped": "none_failed_min_one_success", "dummy": "always"}


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each `trigger_rule` of a task, or of the defaults that reach a task, that does not exist."""
    del known
    for dag in project.dags:
        seen: set[Route] = set()
        for task in dag.tasks.values():
            route, name = _rule(dag, task)
            if isinstance(name, str) and name not in TRIGGER_RULES and "{{" not in name and route not in seen:
                seen.add(route)
                has = "has" if route[:1] == ("tasks",) else "inherits"
                message = f"task `{task.name}` {has} the trigger rule `{name}`, which does not exist"
                yield Problem(ID, message, dag.place(*route), _hint(name))


def _rule(dag: Dag, task: Node) -> tuple[Route, object]:
    """The trigger rule that a task gets, and where from: its own, its group's or its DAG's defaults."""
    if "expand" in task.config or "partial" in task.config or not ("operator" in task.config or is_typed(task.config)):
        return (), None  # a mapped task is built with any rule, and a decorator may name its own
    if "trigger_rule" in task.config:
        return (*task.route, "trigger_rule"), task.config["trigger_rule"]
    group = dag.groups.get(str(task.config.get("task_group_name")))
    found = group.config.get("default_args") if group else None
    if group and isinstance(found, dict) and "trigger_rule" in found:
        return (*group.route, "default_args", "trigger_rule"), found["trigger_rule"]
    found = dag.config.get("default_args")
    return ("default_args", "trigger_rule"), found.get("trigger_rule") if isinstance(found, dict) else None


def _hint(name: str) -> str:
    meant = _RENAMED.get(name.lower()) or nearest(name.strip().lower(), TRIGGER_RULES)
    return f"did you mean `{meant}`?" if meant else f"one of {', '.join(f'`{each}`' for each in TRIGGER_RULES)}"
