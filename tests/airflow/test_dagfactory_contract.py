"""dag-factory is held against what Mergeflow relies on; and releases that differ are told in a sentence each."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG
from dagfactory import dagbuilder, settings, utils
from dagfactory.dagbuilder import DagBuilder

from mergeflow.airflow import dagfactory, values
from mergeflow.airflow.dagfactory import BuildError, build
from mergeflow.compiler import CompiledDag
from tests.airflow.terms import EMPTY, OVERRIDDEN, TERMS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", TERMS)
def test_dag_factory_does_what_mergeflow_relies_on(name: str) -> None:
    if breach := TERMS[name].breach():
        pytest.fail(breach, pytrace=False)


def test_every_method_that_the_builder_overrides_is_a_term() -> None:
    assert {f"signature of {name}" for name in OVERRIDDEN} <= TERMS.keys()
    assert OVERRIDDEN


Change = Callable[[pytest.MonkeyPatch], None]


def renamed(patched: pytest.MonkeyPatch) -> None:
    patched.delattr(DagBuilder, "set_dependencies")


def one_parameter_more(patched: pytest.MonkeyPatch) -> None:
    def replace_expand_values(task_conf: Any, tasks_dict: Any, dag: Any) -> Any: ...

    patched.setattr(DagBuilder, "replace_expand_values", staticmethod(replace_expand_values))


def another_constructor(patched: pytest.MonkeyPatch) -> None:
    def constructor(self: Any, dag_name: str, dag_config: Any) -> None: ...

    patched.setattr(DagBuilder, "__init__", constructor)


def another_attribute(patched: pytest.MonkeyPatch) -> None:
    before = DagBuilder.__init__

    def constructor(self: Any, dag_name: str, dag_config: Any, default_config: Any, yml_dag: str = "") -> None:
        before(self, dag_name, dag_config, default_config, yml_dag)
        self.merged = {**default_config, **dag_config}

    patched.setattr(DagBuilder, "__init__", constructor)


def sorted_elsewhere(patched: pytest.MonkeyPatch) -> None:
    before = DagBuilder.build

    def build(self: Any) -> Any:
        with pytest.MonkeyPatch.context() as inside:
            inside.setattr(type(self), "topological_sort_tasks", DagBuilder.topological_sort_tasks)
            return before(self)

    patched.setattr(DagBuilder, "build", build)


def built(change: Callable[[Any], Any]) -> Change:
    """A release whose `build` returns something else."""

    def changed(patched: pytest.MonkeyPatch) -> None:
        before = DagBuilder.build
        patched.setattr(DagBuilder, "build", lambda self: change(before(self)))

    return changed


def with_docs(result: Any) -> Any:
    result["dag"].doc_md = "made by dag-factory"
    return result


def without_tag(result: Any) -> Any:
    result["dag"].tags = set(result["dag"].tags) - {"dagfactory"}
    return result


def expanding(result: Any) -> Any:
    for task in result["dag"].tasks:
        if hasattr(task, "bash_command"):
            task.bash_command = os.path.expandvars(task.bash_command)
    return result


def defaulting(result: Any) -> Any:
    for task in result["dag"].tasks if Path("defaults.yml").exists() else ():
        task.owner = "nobody"
    return result


def swallowing(patched: pytest.MonkeyPatch) -> None:
    before = DagBuilder.build

    def build(self: Any) -> Any:
        try:
            return before(self)
        except ImportError:
            return {"dag_id": self.dag_name, "dag": DAG(self.dag_name, schedule=None)}

    patched.setattr(DagBuilder, "build", build)


def patching(target: object, name: str, value: object) -> Change:
    return lambda patched: patched.setattr(target, name, value)


def by_another_name(patched: pytest.MonkeyPatch) -> None:
    before = utils.get_python_callable
    patched.setattr(utils, "load_function", before, raising=False)
    make = DagBuilder.make_task

    def make_task(operator: str, task_params: dict[str, Any]) -> Any:
        if "python_callable_file" in task_params:
            del task_params["python_callable_file"], task_params["python_callable_name"]
            task_params["python_callable"] = print
        return make(operator, task_params)

    patched.setattr(DagBuilder, "make_task", staticmethod(make_task))


CHANGES: dict[str, tuple[Change, str]] = {
    "release": (lambda patched: patched.setattr("tests.airflow.terms.version", lambda _: "1.2.0"), "`MADE_FOR`"),
    "constructor": (another_constructor, "`DagBuilder` takes dag_name, dag_config, default_config and yml_dag"),
    "attributes": (another_attribute, "only keeps what it is given"),
    "signature of set_dependencies": (renamed, "`DagBuilder.set_dependencies` is a static method"),
    "signature of replace_expand_values": (one_parameter_more, "that takes task_conf, tasks_dict no longer"),
    "signature of topological_sort_tasks": (
        lambda patched: patched.delattr(DagBuilder, "topological_sort_tasks"),
        "AttributeError",
    ),
    "calls": (sorted_elsewhere, "override what `build` calls now"),
    "group of a task": (
        patching(DagBuilder, "make_task_groups", staticmethod(lambda *_: {})),
        "under `task_group`",
    ),
    "result": (built(lambda result: (result["dag_id"], result["dag"])), "returns a mapping"),
    "settings": (patching(dagbuilder.DagBuilder, "build", lambda _: {"dag": DAG("d", schedule=None)}), "remove it"),
    "files of callables": (by_another_name, "`utils.get_python_callable(name, file)`"),
    "types": (patching(utils, "cast_with_type", lambda data: data), "`__type__`"),
    "telemetry": (lambda patched: patched.delattr(settings, "enable_telemetry"), "turned off now"),
    "docs": (built(with_docs), "leave out what is dag-factory's"),
    "tag": (built(without_tag), "the tag `dagfactory`"),
    "defaults": (built(defaulting), "they are merged already"),
    "environment": (built(expanding), "secrets"),
    "durations": (patching(utils, "get_time_delta", None), "`spelled`"),
    "errors": (swallowing, "what it swallows"),
}
"""For each term a release that breaks it, and what the sentence must say."""


@pytest.mark.parametrize("name", TERMS)
def test_a_release_that_differs_is_told_in_a_sentence_that_names_the_module(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    change, said = CHANGES[name]
    change(monkeypatch)
    breach = TERMS[name].breach()
    assert said in breach
    assert "\n" not in breach
    look = re.findall(r"sdk/[\w/]+\.py", breach)
    assert look
    assert all((ROOT / path).is_file() for path in look)


def compiled(operator: str) -> CompiledDag:
    return CompiledDag("d", "configs/team/d.yaml", {"tasks": {"a": {"operator": operator}}}, "d: …\n")


def test_an_error_names_a_release_that_mergeflow_is_not_made_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BuildError) as before:
        build(compiled("no.such.Operator"))
    assert "dag-factory" not in str(before.value)
    monkeypatch.setattr(dagfactory, "RELEASE", "1.10.0")
    with pytest.raises(BuildError, match=r"\(dag-factory 1\.10\.0 is installed, and Mergeflow is made for 1\.1\)"):
        build(compiled("no.such.Operator"))


def test_a_release_without_what_is_needed_is_an_error_of_each_dag(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(values, "with_values")
    monkeypatch.setattr(dagfactory, "RELEASE", "2.0.0")
    with pytest.raises(BuildError, match=r"ImportError: cannot import name .* \(dag-factory 2\.0\.0 is installed"):
        build(compiled(EMPTY))


def test_another_release_is_used_as_long_as_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dagfactory, "RELEASE", "2.0.0")
    assert build(compiled(EMPTY)).task_ids == ["a"]
