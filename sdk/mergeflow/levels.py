"""Which rules count, and for how much: what a rule says itself, and what the policy says of it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mergeflow.diagnostic import Problem, Severity
from mergeflow.policy import Level, Policy
from mergeflow.rules import RULES, Rule
from mergeflow.rules.afterwards import AFTERWARDS
from mergeflow.rules.reading import READING


def own_level(rule: Rule) -> Level:
    """What a rule counts as where the policy says nothing: an optional one is off."""
    return "off" if getattr(rule, "OPTIONAL", False) else rule.SEVERITY


def keeps_out(rule: Rule) -> bool:
    """Whether an error of this rule keeps a DAG out of Airflow.

    One that only a policy makes an error does not; nor do house rules: Airflow does not run the Python of a repository
    to judge its configs.
    """
    return rule in RULES and rule.SEVERITY is Severity.ERROR and not getattr(rule, "MERGE_ONLY", False)


def counts_at_all(rule: Rule, policy: Policy) -> bool:
    """Whether a rule must be run: it is not off everywhere."""
    return policy.may_run(rule.ID, own_level(rule))


def levelled(problems: Iterable[Problem], rules: Iterable[Rule], policy: Policy) -> Iterator[Problem]:
    """The problems, each as bad as it counts in its file; without those that count nothing.

    A model reports some problems under the slug of a rule; what keeps a file from being read has a slug of its own, and
    no level.
    """
    own = {rule.ID: own_level(rule) for rule in rules}
    for problem in problems:
        default = own.get(problem.rule, problem.severity)
        level = default if problem.rule in READING else policy.level(problem.rule, problem.place.path, default)
        if level != "off":
            yield problem if problem.severity is level else replace(problem, severity=level)


def slugs_of(rules: Iterable[Rule], house: Iterable[str]) -> frozenset[str]:
    """Every slug that a problem can have, `house` those of the repository's own rules."""
    return frozenset((*(rule.ID for rule in (*RULES, *rules)), *house, *READING, *AFTERWARDS))
