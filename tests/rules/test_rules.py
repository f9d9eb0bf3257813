"""Every rule: its docstring is its documentation and its first test."""

import pkgutil
import re
from collections.abc import Callable
from importlib import import_module
from textwrap import dedent
from types import ModuleType

import pytest

from mergeflow import rules
from mergeflow.diagnostic import Problem, Severity
from mergeflow.rules import RULES, Rule
from tests import casefile
from tests.conftest import Repository

PARTS = re.compile(
    r"\A(?P<title>.+\.)\n\n\*Why\*: (?P<why>.+?)\n\n\*Bad\*:\n\n(?P<bad>.+?)\n\n\*Good\*:\n\n(?P<good>.+)\Z", re.DOTALL
)
MODULES = sorted(each.name for each in pkgutil.iter_modules(rules.__path__) if each.name != "known")

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.ID)


def part(rule: Rule, name: str) -> str:
    found = PARTS.match((rule.__doc__ or "").strip())
    assert found, "a rule's docstring has a title, *Why*, *Bad* and *Good*"
    return dedent(found[name]) + "\n"


@each_rule
def test_bad_triggers_exactly_this_rule_once(rule: Rule, repository: Callable[..., Repository]) -> None:
    report = repository(casefile.split(part(rule, "bad"))).check()
    assert [each.rule for each in report.diagnostics] == [rule.ID]
    assert report.broken, "an error keeps its DAG from being built"


@each_rule
def test_good_is_clean(rule: Rule, repository: Callable[..., Repository]) -> None:
    report = repository(casefile.split(part(rule, "good"))).check()
    assert report.diagnostics == ()
    assert report.dags
    assert not report.broken


@each_rule
def test_a_rule_is_named_like_its_module(rule: Rule) -> None:
    assert isinstance(rule, ModuleType)
    assert rule.__name__ == f"mergeflow.rules.{rule.ID.replace('-', '_')}"
    assert isinstance(rule.SEVERITY, Severity)


@each_rule
def test_what_a_rule_says_is_lower_case_without_full_stop(rule: Rule, repository: Callable[..., Repository]) -> None:
    for each in repository(casefile.split(part(rule, "bad"))).check().diagnostics:
        for text in (each.message, each.hint):
            assert not text.endswith(".")
            assert re.match(r"[a-z`]|DAG ", text), text


def test_the_tuple_of_rules_is_complete_and_sorted() -> None:
    assert [each.ID.replace("-", "_") for each in RULES] == MODULES
    for name in MODULES:
        assert import_module(f"mergeflow.rules.{name}") in RULES


def test_a_rule_that_is_a_warning_breaks_no_dag(
    repository: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = next(each for each in RULES if each.ID == "missing-stub")
    monkeypatch.setattr(rule, "SEVERITY", Severity.WARNING)
    report = repository(casefile.split(part(rule, "bad"))).check()
    assert (report.errors, report.warnings, report.broken) == (0, 1, frozenset())


def test_a_problem_is_an_error_unless_its_rule_says_otherwise() -> None:
    assert Problem.__dataclass_fields__["severity"].default is Severity.ERROR
