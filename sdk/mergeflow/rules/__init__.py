"""The rules: one module each, with an ID, a SEVERITY and a `check` that yields problems.

A rule's docstring is its page in the docs, its help in the terminal, and a test: what stands under *Bad* triggers
exactly this rule, what stands under *Good* triggers none.
"""

from mergeflow.rules import (
    asset_loop,
    asset_without_producer,
    catchup_backfill,
    cycle,
    duplicate_dag_id,
    duplicate_task_id,
    end_before_start,
    ignored_defaults,
    invalid_date,
    invalid_id,
    invalid_python,
    invalid_schedule,
    misplaced_file,
    missing_callable,
    missing_key,
    missing_stub,
    moved_operator,
    removed_operator,
    shared_name,
    six_field_cron,
    task_group_cycle,
    unknown_dag,
    unknown_dependency,
    unknown_external_task,
    unknown_key,
    unknown_operator,
    unknown_task_group,
    unknown_trigger_rule,
)
from mergeflow.rules.known import Known, Rule

RULES: tuple[Rule, ...] = (
    asset_loop,
    asset_without_producer,
    catchup_backfill,
    cycle,
    duplicate_dag_id,
    duplicate_task_id,
    end_before_start,
    ignored_defaults,
    invalid_date,
    invalid_id,
    invalid_python,
    invalid_schedule,
    misplaced_file,
    missing_callable,
    missing_key,
    missing_stub,
    moved_operator,
    removed_operator,
    shared_name,
    six_field_cron,
    task_group_cycle,
    unknown_dag,
    unknown_dependency,
    unknown_external_task,
    unknown_key,
    unknown_operator,
    unknown_task_group,
    unknown_trigger_rule,
)

HOUSE_RULES = "validators/rules"
"""Where a repository has rules of its own, which `house` loads."""

__all__ = ["HOUSE_RULES", "RULES", "Known", "Rule"]
