"""Bare names become import paths, and nothing else is touched."""

from typing import Any

import pytest

from mergeflow.catalog import Catalog, Operator, parse_catalog
from mergeflow.catalog.write import catalog_text
from mergeflow.compiler.names import has_bare_names, in_full
from tests.conftest import CATALOG

BASH = "airflow.providers.standard.operators.bash.BashOperator"
BASH_TASK = "airflow.providers.standard.decorators.bash.bash_task"
KNOWN = parse_catalog(CATALOG.read_bytes())


@pytest.mark.parametrize(
    "tasks",
    [
        None,
        5,
        [],
        {},
        [5],
        {"a": 5},
        {"a": {}},
        {"a": {"operator": 5}},
        {"a": {"operator": BASH}},
        {"a": {"decorator": "a.b"}},
    ],
)
def test_a_config_without_bare_names_is_given_back_as_it_is(tasks: Any) -> None:
    config = {"tasks": tasks}
    assert not has_bare_names(config)
    assert in_full(config, KNOWN) is config


def test_a_bare_name_in_either_form_becomes_a_path_in_a_copy() -> None:
    task = {"operator": "BashOperator", "bash_command": "echo"}
    for tasks in ({"a": task, "b": 5}, [task, 5]):
        config = {"tasks": tasks}
        found = in_full(config, KNOWN)["tasks"]
        assert (found["a"] if isinstance(found, dict) else found[0])["operator"] == BASH
        assert task["operator"] == "BashOperator"


def test_a_decorator_has_a_name_too() -> None:
    found = in_full({"tasks": {"a": {"decorator": "task.bash"}, "b": {"decorator": "task"}}}, KNOWN)["tasks"]
    assert found["a"]["decorator"] == BASH_TASK
    assert found["b"]["decorator"].endswith(".python_task")


def test_a_name_that_the_catalog_does_not_know_or_knows_twice_stays() -> None:
    two = parse_catalog(catalog_text({"operators": {path: Operator(path) for path in ("a.A", "b.A")}}).encode())
    for catalog in (two, Catalog()):
        assert in_full({"tasks": {"a": {"operator": "A"}}}, catalog)["tasks"]["a"]["operator"] == "A"
