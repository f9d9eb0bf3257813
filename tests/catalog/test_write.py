"""The catalog's text is JSON, sorted, with one line per entry."""

import json

from mergeflow.catalog import Operator, Parameter
from mergeflow.catalog.write import Section, catalog_text, differences

ONE = {"a.One": Operator("a.One", {"b": Parameter("str"), "a": Parameter("int", "5")}, "Does it")}
TWO = {"a.Two": Operator("a.Two"), **ONE}


def test_the_order_in_which_things_were_found_does_not_show() -> None:
    turned: dict[str, Section] = {"operators": dict(reversed(TWO.items())), "packages": {"b": "2", "a": "1"}}
    assert catalog_text({"packages": {"a": "1", "b": "2"}, "operators": TWO}) == catalog_text(turned)


def test_it_is_json_with_one_line_per_entry() -> None:
    text = catalog_text({"operators": TWO})
    assert json.loads(text)["operators"]["a.One"] == {"about": "Does it", "parameters": {"a": "int = 5", "b": "str"}}
    assert len([line for line in text.splitlines() if line.startswith("  ")]) == len(TWO)


def test_differences_name_what_is_new_gone_and_changed() -> None:
    changed = {"a.One": Operator("a.One", {"b": Parameter("int")}), "a.New": Operator("a.New")}
    found = list(differences(catalog_text({"operators": TWO}), catalog_text({"operators": changed})))
    assert found == ["+ a.New", "~ a.One", "- a.Two"]


def test_a_difference_outside_the_operators_says_where() -> None:
    before, after = catalog_text({"packages": {"airflow": "1"}}), catalog_text({"packages": {"airflow": "2"}})
    assert list(differences(before, after)) == ["~ airflow (packages)"]


def test_a_catalog_differs_from_nothing_in_everything() -> None:
    assert list(differences("", catalog_text({"operators": ONE}))) == ["+ a.One"]
    assert list(differences(catalog_text({}), catalog_text({}))) == []
