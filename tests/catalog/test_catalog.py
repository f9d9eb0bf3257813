"""The catalog finds an entry by its path or its name, and decodes nothing that nobody asks for."""

import json
import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis.strategies import DataObject, data, integers, sampled_from

from mergeflow.catalog import KINDS, UNSAID, Catalog, CatalogError, Operator, Parameter, parse_catalog
from mergeflow.catalog.index import HEAD
from mergeflow.catalog.types import fits
from mergeflow.catalog.write import catalog_text
from tests.conftest import CATALOG, ROOT

BASH = "airflow.providers.standard.operators.bash.BashOperator"
COMMITTED = ROOT / "validators/catalog.json"
TAMPERING = ('"', "{", "}", "[", "\\", "\n", " ", ":", "5", "null", '": {', "")
LINE = re.compile(r'^  "([^"]+)": .*$', re.MULTILINE)


@pytest.fixture(scope="module")
def known() -> Catalog:
    return parse_catalog(CATALOG.read_bytes())


def made(**sections: dict[str, Operator]) -> Catalog:
    return parse_catalog(catalog_text(sections).encode())


def operators(*paths: str) -> dict[str, Operator]:
    return {path: Operator(path, {"one": Parameter("str")}) for path in paths}


@pytest.mark.parametrize(
    "name", ["", "Xyzzy", BASH + "X", BASH[1:], "bash.BashOperator", 'BashOperator": {', "Bash\n", "*"]
)
def test_what_the_catalog_does_not_have_is_none(known: Catalog, name: str) -> None:
    assert known.operator(name) is None


def test_an_empty_catalog_knows_nothing() -> None:
    empty = Catalog()
    assert not empty
    assert empty.operator(BASH) is None
    assert empty.resolve("BashOperator") == ()
    assert empty.names("operators") == ()
    assert empty.common == frozenset()
    assert not empty.has_parameter("bash_command")


def test_an_operator_is_found_by_path_by_bare_name_and_by_where_airflow_2_had_it(known: Catalog) -> None:
    entry = known.operator(BASH)
    assert entry is not None
    assert entry.path == BASH
    assert known.operator("BashOperator") == entry
    assert known.operator("airflow.operators.bash.BashOperator") == entry


def test_parameters_have_type_default_and_template(known: Catalog) -> None:
    entry = known.operator(BASH)
    assert entry is not None
    assert entry.required == {"bash_command"}
    assert entry.parameters["bash_command"].template
    assert (entry.parameters["append_env"].type, entry.parameters["append_env"].default) == ("bool", "false")
    assert "retries" in known.common
    assert "retries" not in entry.parameters


def test_a_bare_name_of_two_operators_is_neither() -> None:
    two = made(operators=operators("a.b.Same", "a.c.Same", "a.b.NotSame", "a.b.Other"))
    assert two.resolve("Same") == ("a.b.Same", "a.c.Same")
    assert two.operator("Same") is None
    assert two.operator("a.c.Same") is not None


def test_a_decorator_is_found_by_its_path_its_other_paths_and_its_name(known: Catalog) -> None:
    python = known.decorator("task")
    assert python is not None
    assert python.called == "task"
    for path in (python.path, "airflow.sdk.task", "airflow.sdk.definitions.decorators.task", "airflow.decorators.task"):
        assert known.decorator(path) == python
    bash = known.decorator("task.bash")
    assert bash is not None
    assert bash != python
    assert known.decorator("bash") is None


def test_an_expectation_is_found_by_type_and_by_class_with_what_all_of_them_take(known: Catalog) -> None:
    entry = known.expectation("expect_column_values_to_not_be_null")
    assert entry is not None
    assert known.expectation("ExpectColumnValuesToNotBeNull") == entry
    assert known.expectation(entry.path) == entry
    assert entry.required == {"column"}
    assert {"mostly", "severity", "row_condition"} <= entry.parameters.keys()
    table = known.expectation("expect_table_row_count_to_be_between")
    assert table is not None
    assert "severity" in table.parameters
    assert not {"column", "mostly"} & table.parameters.keys()


def test_timetables_and_notifiers_are_found(known: Catalog) -> None:
    timetable = known.timetable("airflow.timetables.trigger.CronTriggerTimetable")
    assert timetable is not None
    assert {"cron", "timezone"} <= timetable.required
    notifier = known.notifier("SmtpNotifier")
    assert notifier is not None
    assert notifier.required == {"to"}


def test_a_parameter_of_any_operator_may_stand_in_default_args(known: Catalog) -> None:
    assert known.has_parameter("retries")
    assert known.has_parameter("bash_command")
    assert not known.has_parameter("bash_comand")
    assert not known.has_parameter('about": "')


def test_only_the_entry_that_is_asked_for_is_decoded() -> None:
    text = catalog_text({"operators": operators("a.b.Good", "a.b.Spoilt")}).replace('Spoilt": {', 'Spoilt": [')
    spoilt = parse_catalog(text.encode())
    assert spoilt.operator("a.b.Good") is not None
    with pytest.raises(CatalogError, match="it is not a catalog"):
        spoilt.operator("a.b.Spoilt")


@pytest.mark.parametrize("wrong", ['{"parameters": 5}', '{"parameters": {"a": 5}}', "5", '"text"', "{", "[" * 9999])
def test_an_entry_of_another_form_is_refused_when_it_is_asked_for(wrong: str) -> None:
    text = re.sub(r'("a\.b\.C": ).*', lambda line: line[1] + wrong, catalog_text({"operators": operators("a.b.C")}))
    with pytest.raises(CatalogError):
        parse_catalog(text.encode()).operator("a.b.C")


@pytest.mark.parametrize("section", ["common", "operators", "moved", "expectations"])
def test_a_catalog_that_lacks_a_section_is_refused(section: str) -> None:
    text = catalog_text({}).replace(f'"{section}"', '"xyzzy"')
    with pytest.raises(CatalogError):
        parse_catalog(text.encode())


@given(data())
def test_a_catalog_that_was_tampered_with_is_refused_or_read_but_never_a_crash(draw: DataObject) -> None:
    text = CATALOG.read_text()
    for _ in range(draw.draw(integers(1, 4))):
        at = draw.draw(integers(len(HEAD), len(text) - 7))
        text = text[:at] + draw.draw(sampled_from(TAMPERING)) + text[at + 1 :]
    with suppress(CatalogError):
        spoilt = parse_catalog(text.encode())
        for kind in KINDS:
            for name in (*spoilt.names(kind), "BashOperator", "task.bash", "expect_column_to_exist"):
                entry = spoilt.entry(kind, name)
                assert entry is None or all(isinstance(each, Parameter) for each in entry.parameters.values())
        assert isinstance(spoilt.common, frozenset)
        assert spoilt.common_parameters is not None


def test_a_default_is_of_its_parameters_type() -> None:
    catalog = parse_catalog(COMMITTED.read_bytes())
    taken = [catalog.common_parameters]
    taken += [
        entry.parameters for kind in KINDS for path in catalog.names(kind) if (entry := catalog.entry(kind, path))
    ]
    every = [parameter for parameters in taken for parameter in parameters.values()]
    said = [parameter for parameter in every if parameter.default not in ("", UNSAID)]
    assert len(said) > 300
    assert [each for each in said if not fits(json.loads(each.default), each)] == []


def test_what_is_not_ascii_is_refused() -> None:
    with pytest.raises(CatalogError):
        parse_catalog(catalog_text({}).encode() + "ä".encode())


def test_a_checkout_with_windows_line_ends_is_the_same_catalog(known: Catalog) -> None:
    windows = parse_catalog(CATALOG.read_bytes().replace(b"\n", b"\r\n"))
    assert windows.operator(BASH) == known.operator(BASH)


def test_the_tests_own_catalog_is_a_part_of_the_committed_one() -> None:
    committed = {line.rstrip(",") for line in COMMITTED.read_text().splitlines()}
    own = [match[0].rstrip(",") for match in LINE.finditer(CATALOG.read_text())]
    assert len(own) > 10
    assert [line for line in own if line not in committed] == []


def test_every_entry_of_the_committed_catalog_can_be_decoded() -> None:
    catalog = parse_catalog(COMMITTED.read_bytes())
    for kind in KINDS:
        paths = catalog.names(kind)
        assert paths
        assert list(paths) == sorted(paths)
        for path in paths:
            entry = catalog.entry(kind, path)
            assert entry is not None
            assert entry.path == path
            assert all(parameter.type for parameter in entry.parameters.values())
