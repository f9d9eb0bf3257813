"""Every DAG has the tag of its team, once, wherever its other tags come from."""

from typing import Any

import pytest

from mergeflow.compiler import compile_project
from mergeflow.compiler.tags import with_team
from mergeflow.project import load

TASKS = "  tasks: {load: {operator: airflow.providers.standard.operators.empty.EmptyOperator}}\n"


def tags(text: str, path: str = "configs/shop/a.yaml", **others: str) -> Any:
    files = {path: f"{text}{TASKS}", **{f"configs/{name}/defaults.yml": each for name, each in others.items()}}
    (dag,) = compile_project(load({path: text.encode() for path, text in files.items()}))
    return dag.config["tags"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a:\n", ["team:shop"]),
        ("a:\n  tags: []\n", ["team:shop"]),
        ("a:\n  tags: [x, y]\n", ["x", "y", "team:shop"]),
        ("a:\n  tags: ['team:shop', x]\n", ["team:shop", "x"]),
        ("a:\n  tags: ['team:others']\n", ["team:others", "team:shop"]),
        ("default:\n  tags: [x]\na:\n", ["x", "team:shop"]),
    ],
)
def test_the_teams_tag_is_there_once(text: str, found: list[str]) -> None:
    assert tags(text) == found


def test_defaults_keep_their_tags() -> None:
    assert tags("a:\n", shop="tags: [z, y]\n") == ["y", "z", "team:shop"]


def test_the_team_is_the_first_folder() -> None:
    assert tags("a:\n", "configs/shop/deep/er/a.yaml") == ["team:shop"]


def test_a_file_of_no_team_has_no_tag() -> None:
    assert with_team({"tasks": {}}, "configs/a.yaml") == {"tasks": {}}


@pytest.mark.parametrize("given", [None, "x", ("x",), {"x"}])
def test_tags_may_have_any_form(given: Any) -> None:
    config = {"tags": given}
    assert with_team(config, "configs/shop/a.yaml")["tags"] == [*(given or ()), "team:shop"]
    assert config == {"tags": given}
