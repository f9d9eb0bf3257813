"""Every task type: its docstring is its page and a test, and its table says no more than its model."""

import pkgutil
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergeflow import tasks
from mergeflow.compiler import compile_project
from mergeflow.diagnostic import Place
from mergeflow.model.refusals import refused
from mergeflow.model.shape import is_surely
from mergeflow.render.task_types import markdown, page
from mergeflow.tasks import COMMON, TASK_TYPES, entry_of, model_of
from mergeflow.tasks.installed import fields_of
from mergeflow.tasks.table import ENTRIES
from mergeflow.tasks.task_type import TaskType
from mergeflow.workspace import select
from tests import casefile
from tests.conftest import Repository
from tests.model.test_sieve import VALUES

HERE = Place("a.yaml")
each_type = pytest.mark.parametrize("name", TASK_TYPES)


@each_type
def test_the_example_is_right_and_compiles(name: str, repository: Callable[..., Repository]) -> None:
    made = repository(casefile.split(page(name, model_of(name)).example))
    assert made.check().diagnostics == ()
    project = select(made.root, ()).project
    configs = [task for dag in compile_project(project) for task in dag.config["tasks"].values()]
    assert configs
    assert all("." in task["operator"] and "type" not in task for task in configs)
    written = [task.config for dag in project.dags for task in dag.tasks.values()]
    assert any(task["type"] == name for task in written), "an example shows its own type"


@each_type
@given(data=st.data())
def test_what_the_table_lets_through_the_model_lets_through(name: str, data: st.DataObject) -> None:
    keys = st.sampled_from(sorted(ENTRIES[name].shape.keys)) | st.text(max_size=5)
    mapping: dict[str, Any] = data.draw(st.dictionaries(keys, VALUES, max_size=4))
    if is_surely(ENTRIES[name].shape, mapping):
        assert refused(model_of(name), mapping, HERE, "it") == []


@each_type
def test_no_key_of_a_type_is_one_of_every_task(name: str) -> None:
    assert not COMMON & fields_of(model_of(name)).keys()


@each_type
def test_what_a_type_says_of_its_keys_is_about_its_keys(name: str) -> None:
    said = ENTRIES[name]
    keys = said.shape.keys.keys()
    assert keys == fields_of(model_of(name)).keys()
    assert keys >= {*said.templates, *said.one_of, *said.only_with, *said.only_with.values(), *said.choices}


@each_type
def test_every_key_is_described(name: str) -> None:
    for key, field in fields_of(model_of(name)).items():
        assert (field.description or "").endswith("."), key


def test_the_table_of_types_is_complete_and_sorted() -> None:
    modules = {each.name for each in pkgutil.iter_modules(tasks.__path__)}
    no_types = {"entry", "fields", "installed", "problems", "table", "task_type"}
    assert list(TASK_TYPES) == sorted(modules - no_types)
    assert ENTRIES.keys() == TASK_TYPES.keys()
    for name in TASK_TYPES:
        assert issubclass(model_of(name), TaskType)


def test_a_value_that_is_no_text_is_no_type() -> None:
    for value in (None, 3, ["script"], {"script": 1}, "Script", "", "scripts"):
        assert entry_of(value) is None


def test_the_page_names_every_type_and_key() -> None:
    text = markdown()
    for name, entry in ENTRIES.items():
        section = text.split(f"\n## {name}\n")[1].split("\n## ")[0]
        assert all(f"| `{key}` |" in section for key in entry.shape.keys)
        config, *files = re.split(r"^# \w\S*/\S+\n", page(name, model_of(name)).example, flags=re.MULTILINE)
        assert all(each.strip() in section for each in (config, *files))


class NoExample(TaskType):
    """What it does."""


class NoStop(TaskType):
    """What it does

    *Example*:

        a: {type: no-stop}
    """


@pytest.mark.parametrize("model", [NoExample, NoStop])
def test_a_docstring_without_its_parts_is_refused(model: type[TaskType]) -> None:
    with pytest.raises(ValueError, match="the docstring of task type mine needs a title"):
        page("mine", model)
