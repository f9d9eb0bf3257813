"""Suites and the tasks that use them: known to each other whichever file is asked about; nothing in them raises."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mergeflow.catalog import Catalog, parse_catalog
from mergeflow.checker import check
from mergeflow.document import Document
from mergeflow.project import Project, load
from mergeflow.rules import Known
from mergeflow.rules.named_suites import OPERATOR
from tests.conftest import CATALOG, ROOT, Repository

SUITE = "validators/expectations/team/orders.yaml"
CONFIG = "configs/team/a.yaml"
FILES = {
    SUITE: "expectations:\n- {expectation: expect_table_row_count_to_be_between, min_value: 1}\n",
    CONFIG: f"orders:\n  tasks:\n    check: {{operator: {OPERATOR}, suite: team/orders, file: orders.csv}}\n",
}


@pytest.mark.parametrize("path", [SUITE, CONFIG])
def test_a_suite_and_its_task_are_known_to_each_other_when_one_file_is_checked(
    path: str, repository: Callable[..., Repository]
) -> None:
    assert repository(FILES).check(path).diagnostics == ()


@pytest.mark.parametrize(("path", "slug"), [(SUITE, "unused-suite"), (CONFIG, "unknown-suite")])
def test_each_without_the_other_is_found(path: str, slug: str, repository: Callable[..., Repository]) -> None:
    made = repository({path: FILES[path]})
    for paths in ((), (path,)):
        assert [each.rule for each in made.check(*paths).diagnostics] == [slug]


def test_a_stub_which_reads_no_suites_builds_what_uses_them() -> None:
    report = check(load({CONFIG: FILES[CONFIG].encode()}), Known())
    assert (report.diagnostics, report.broken) == ((), frozenset())


def test_without_a_catalog_no_expectation_is_said_to_be_unknown() -> None:
    content = b"expectations: [{expectation: expect_the_unexpected, at: all}]"
    assert check(load({SUITE: content}), Known(Catalog(), suites=frozenset({"team/orders"}))).diagnostics == ()


@pytest.mark.parametrize("wrong", ["conn_id: a, tabel: b", "con_id: a, table: b", "conn_id: a, qeury: SELECT 1"])
def test_a_misspelt_key_is_one_problem_where_the_catalog_knows_the_operator(wrong: str) -> None:
    catalog = parse_catalog((ROOT / "validators/catalog.json").read_bytes())
    config = f"orders:\n  tasks:\n    check: {{operator: {OPERATOR}, suite: team/orders, {wrong}}}\n".encode()
    report = check(load({CONFIG: config}), Known(catalog, suites=frozenset({"team/orders"})))
    assert [each.rule for each in report.diagnostics if each.rule != "missing-start-date"] == ["unknown-key"]


def test_an_error_in_a_suite_keeps_no_dag_out(repository: Callable[..., Repository]) -> None:
    made = repository({**FILES, SUITE: "expectations: [{expectation: expect_nothing}]\n"})
    report = made.check()
    assert [each.rule for each in report.diagnostics] == ["unknown-expectation"]
    assert report.broken == frozenset()


keys = st.sampled_from(
    ["expectations", "expectation", "columns", "column", "name", "type", "severity", "nullable", "min_value", "mostly"]
)
texts = keys | st.sampled_from(["expect_column_to_exist", "ExpectColumnValuesToNotBeNull", "critical", "text", ""])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates() | texts
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(keys | st.integers() | st.booleans(), inner, max_size=5)
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(suite=values, operator=values, named=values)
def test_whatever_stands_in_a_suite_or_names_one_is_a_problem_or_none(suite: Any, operator: Any, named: Any) -> None:
    tasks = {
        "by_any": {"operator": operator, "suite": named},
        "by_ours": {"operator": OPERATOR, "suite": named, "partial": named, "expand": {"suite": named}},
    }
    config = {"dag": {"tasks": tasks, "default_args": {"suite": named}}}
    documents = {SUITE: Document(SUITE, "", suite), CONFIG: Document(CONFIG, "", config)}
    catalog = parse_catalog(CATALOG.read_bytes())
    check(Project(documents, paths=tuple(documents)), Known(catalog, suites=frozenset({"team/orders"})))
