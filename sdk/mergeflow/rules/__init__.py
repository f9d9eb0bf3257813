"""The rules: one module each, with an ID, a SEVERITY and a `check` that yields problems.

A rule's docstring is its page in the docs, its help in the terminal, and a test: what stands under *Bad* triggers
exactly this rule, what stands under *Good* triggers none.
"""

from mergeflow.rules import (
    cycle,
    duplicate_dag_id,
    duplicate_task_id,
    invalid_id,
    misplaced_file,
    missing_key,
    missing_stub,
    task_group_cycle,
    unknown_dependency,
    unknown_key,
    unknown_task_group,
)
from mergeflow.rules.known import Known, Rule

RULES: tuple[Rule, ...] = (
    cycle,
    duplicate_dag_id,
    duplicate_task_id,
    invalid_id,
    misplaced_file,
    missing_key,
    missing_stub,
    task_group_cycle,
    unknown_dependency,
    unknown_key,
    unknown_task_group,
)

__all__ = ["RULES", "Known", "Rule"]
