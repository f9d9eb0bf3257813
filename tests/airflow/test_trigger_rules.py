"""The trigger rules that `unknown-trigger-rule` knows are those of the installed Airflow."""

from airflow.task.trigger_rule import TriggerRule

from mergeflow.rules.unknown_trigger_rule import TRIGGER_RULES


def test_the_trigger_rules_are_airflows() -> None:
    assert sorted(each.value for each in TriggerRule) == list(TRIGGER_RULES)
