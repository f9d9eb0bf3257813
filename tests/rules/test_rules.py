"""Every rule: its docstring is its documentation and its first test."""

import ast
import pkgutil
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from mergeflow import rules
from mergeflow.diagnostic import Problem, Severity
from mergeflow.files import POLICY
from mergeflow.levels import keeps_out
from mergeflow.paths import is_config
from mergeflow.render.rules import markdown, page_text
from mergeflow.rules import RULES, Rule
from mergeflow.rules.page import Page, pages, parse
from mergeflow.rules.reading import READING
from tests import casefile
from tests.conftest import Repository

MODULES = {each.name: import_module(f"mergeflow.rules.{each.name}") for each in pkgutil.iter_modules(rules.__path__)}
SLUG = re.compile(r"[a-z]+(-[a-z]+)+")

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.ID)
each_page = pytest.mark.parametrize("page", [page for page in pages() if page.bad], ids=lambda page: page.slug)


def bad(rule: Rule) -> dict[str, str]:
    return casefile.split(parse(rule.ID, rule.SEVERITY, rule.__doc__ or "").bad)


@each_page
def test_bad_triggers_exactly_this_rule_once(page: Page, repository: Callable[..., Repository]) -> None:
    report = repository(casefile.split(page.bad)).check()
    assert [(each.rule, each.severity) for each in report.diagnostics] == [(page.slug, page.severity)]
    in_configs = any(is_config(each.location.path) for each in report.diagnostics)
    rule = next((each for each in RULES if page.slug == each.ID), None)
    spoils = page.severity is Severity.ERROR and in_configs and bool(report.dags)
    spoils = spoils and not getattr(rule, "MERGE_ONLY", False)
    assert bool(report.broken) == spoils, "an error in a config keeps its DAG out"


@each_page
def test_good_is_clean(page: Page, repository: Callable[..., Repository]) -> None:
    report = repository(casefile.split(page.good)).check()
    assert report.diagnostics == ()
    assert report.dags
    assert not report.broken


@each_rule
def test_every_rule_shows_what_it_refuses(rule: Rule) -> None:
    assert bad(rule)


@each_rule
def test_a_rule_is_named_like_its_module(rule: Rule) -> None:
    assert isinstance(rule, ModuleType)
    assert rule.__name__ == f"mergeflow.rules.{rule.ID.replace('-', '_')}"
    assert isinstance(rule.SEVERITY, Severity)


@each_rule
def test_what_a_rule_says_is_lower_case_without_full_stop(rule: Rule, repository: Callable[..., Repository]) -> None:
    for each in repository(bad(rule)).check().diagnostics:
        for text in (each.message, each.hint):
            assert not text.endswith(".")
            assert re.match(r"[a-z`]|(DAG|Airflow) ", text), text


def test_the_tuple_of_rules_is_complete_and_sorted() -> None:
    named = [name for name, module in MODULES.items() if hasattr(module, "ID") or hasattr(module, "check")]
    assert [each.ID.replace("-", "_") for each in RULES] == sorted(named)
    assert [MODULES[name] for name in sorted(named)] == list(RULES)


@pytest.mark.parametrize(
    "docstring",
    [
        "",
        "No full stop\n\n*Why*: x.\n\n*Bad*:\n\n    a: 1\n\n*Good*:\n\n    b: 1\n",
        "A title.\n\n*Bad*:\n\n    a: 1\n\n*Good*:\n\n    b: 1\n",
        "A title.\n*Why*: x.\n\n*Bad*:\n\n    a: 1\n\n*Good*:\n\n    b: 1\n",
        "*Why*: x.\n",
    ],
)
def test_a_docstring_without_its_parts_is_refused(docstring: str) -> None:
    with pytest.raises(ValueError, match="the docstring of cycle needs a title"):
        parse("cycle", Severity.ERROR, docstring)


def test_a_docstring_is_read_into_its_parts() -> None:
    text = "A title. On\ntwo lines.\n\n*Why*: one\ntwo.\n\n*Bad*:\n\n    a:\n      b: 1\n\n*Good*:\n\n    c: 1\n"
    expected = Page("x", Severity.WARNING, "A title. On two lines.", "one\ntwo.", "a:\n  b: 1\n", "c: 1\n")
    assert parse("x", Severity.WARNING, text) == expected
    assert parse("x", Severity.WARNING, text.replace("\n", "\n    ")) == expected


def test_the_page_of_a_rule_that_only_stops_the_merge_says_so() -> None:
    by_slug = {page.slug: page for page in pages()}
    assert by_slug["plain-secret"].merge_only
    assert not by_slug["cycle"].merge_only
    assert "It stops the merge" in page_text(by_slug["plain-secret"])
    assert "It stops the merge" not in page_text(by_slug["cycle"])
    assert "| [plain-secret](#plain-secret) | error\\* |" in markdown(pages())


def test_slugs_are_given_once() -> None:
    slugs = [page.slug for page in pages()]
    assert slugs == sorted(set(slugs))
    assert not READING.keys() & {rule.ID for rule in RULES}


def test_whatever_the_package_calls_a_problem_has_a_page() -> None:
    package = Path(rules.__file__).parents[1]
    said = {slug for file in package.rglob("*.py") for slug in _slugs(ast.parse(file.read_text()))}
    assert said >= READING.keys()
    assert said <= {page.slug for page in pages()}


def _slugs(tree: ast.Module) -> Iterator[str]:
    """The first text in the form of a slug among the arguments of each problem that is made, and of each unpacking."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Problem", "Refused", "Diagnostic"):
            listed = node.args
        elif isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load):
            listed = node.elts[1:2]
        else:
            continue
        texts = [each.value for each in listed if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        yield from [text for text in texts if SLUG.fullmatch(text)][:1]


def test_a_rule_that_is_a_warning_breaks_no_dag(
    repository: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = next(each for each in RULES if each.ID == "missing-stub")
    monkeypatch.setattr(rule, "SEVERITY", Severity.WARNING)
    report = repository(bad(rule)).check()
    assert (report.errors, report.warnings, report.broken) == (0, 1, frozenset())


def test_an_optional_rule_is_off_until_the_policy_gives_it_a_level(
    repository: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = next(each for each in RULES if each.ID == "missing-stub")
    monkeypatch.setattr(rule, "OPTIONAL", True, raising=False)
    made = repository(bad(rule))
    assert made.check().diagnostics == ()
    made.write({"validators/policy.yaml": "rules: {missing-stub: warning}\n"})
    assert [(each.rule, each.severity) for each in made.check().diagnostics] == [(rule.ID, Severity.WARNING)]


@each_rule
def test_the_examples_of_an_optional_rule_switch_it_on(rule: Rule) -> None:
    page = parse(rule.ID, rule.SEVERITY, rule.__doc__ or "")
    if getattr(rule, "OPTIONAL", False):
        for text in (page.bad, page.good):
            assert f"{rule.ID}: " in casefile.split(text)[POLICY]


def test_a_problem_is_an_error_unless_its_rule_says_otherwise() -> None:
    assert Problem.__dataclass_fields__["severity"].default is Severity.ERROR


def test_a_house_rule_keeps_no_dag_out_of_airflow() -> None:
    house = ModuleType("no_orders")
    house.__dict__.update(ID="no-orders", SEVERITY=Severity.ERROR, check=lambda *_: iter(()))
    assert not keeps_out(house)  # type: ignore[arg-type]
    assert any(map(keeps_out, RULES))
