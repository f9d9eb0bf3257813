"""What Mergeflow relies on in dag-factory, term by term: where a release differs, a sentence says what to do."""

import inspect
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from airflow.configuration import conf
from airflow.sdk import DAG
from dagfactory import dagbuilder, settings, utils
from dagfactory.dagbuilder import DagBuilder
from dagfactory.exceptions import DagFactoryConfigException

from mergeflow.airflow.builder import Builder, read_function
from mergeflow.airflow.dagfactory import MADE_FOR

EMPTY = "airflow.providers.standard.operators.empty.EmptyOperator"
BASH = "airflow.providers.standard.operators.bash.BashOperator"
PYTHON = "airflow.providers.standard.operators.python.PythonOperator"
DECORATED = {"decorator": "airflow.sdk.task", "python_callable": "tempfile.gettempdir"}
BUILDER, VALUES = "sdk/mergeflow/airflow/builder.py", "sdk/mergeflow/airflow/values.py"
ADAPTER, PLUGIN = "sdk/mergeflow/airflow/dagfactory.py", "sdk/mergeflow/airflow/plugin.py"

OVERRIDDEN = sorted(name for name in vars(Builder) if not name.startswith("_"))


class Term(NamedTuple):
    """One thing that dag-factory does; `look` is the module of ours that relies on it, and what to do there."""

    holds: Callable[[], object]
    says: str
    look: str

    def breach(self) -> str:
        """What a release does otherwise, in one sentence; nothing where it does as it did."""
        try:
            if self.holds():
                return ""
            seen = ""
        except Exception as error:  # noqa: BLE001 - whatever a release does in its place
            seen = f" ({type(error).__name__}: {error})"
        return f"dag-factory {version('dag-factory')}: {self.says} no longer{seen}: {self.look}"


def made(config: Mapping[str, Any], kind: type[DagBuilder] = DagBuilder) -> Any:
    """What dag-factory's own builder returns for a config, or that of a class derived from it."""
    return kind("d", dict(config), {}, "").build() if kind is DagBuilder else kind("d", dict(config), "").build()


def dag(tasks: Mapping[str, Any], **more: Any) -> DAG:
    built = made({"tasks": tasks, **more})["dag"]
    assert isinstance(built, DAG)
    return built


def names(function: Any) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name != "self"]


def raises(config: Mapping[str, Any], *kinds: type[BaseException]) -> bool:
    try:
        made(config)
    except kinds:
        return True
    return False


def called_by_build() -> set[str]:
    """Which of the overridden methods the builder calls on itself while it builds a DAG that needs all of them."""
    called: set[str] = set()

    def noting(name: str) -> Any:
        def note(*arguments: Any) -> Any:
            called.add(name)
            return getattr(Builder, name)(*arguments)

        return staticmethod(note)

    kind = type("Noting", (Builder,), {name: noting(name) for name in OVERRIDDEN})
    mapped = {"operator": PYTHON, "python_callable": "tempfile.gettempdir", "expand": {"op_args": "a.output"}}
    made({"tasks": {"a": dict(DECORATED), "m": {**mapped, "dependencies": ["a"]}}}, kind)
    return called


def settings_asked() -> set[str]:
    """How dag-factory asks for Airflow's settings: the methods that it calls."""
    asked: set[str] = set()

    class Asked:
        def __getattr__(self, name: str) -> Any:
            asked.add(name)
            return getattr(conf, name)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(dagbuilder, "configuration", SimpleNamespace(conf=Asked()))
        dag({"a": {"operator": EMPTY}})
    return asked


def files_asked() -> list[tuple[str, str]]:
    """How the builder asks for a function of a file."""
    asked: list[tuple[str, str]] = []

    def note(python_callable_name: str, python_callable_file: str) -> Any:
        asked.append((python_callable_name, python_callable_file))
        return print

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(utils, "get_python_callable", note)
        dag({"a": {"operator": PYTHON, "python_callable_name": "f", "python_callable_file": "/f.py"}})
    return asked


def group_of_a_task() -> object:
    """What a task's config says of its group when dependencies are set."""
    seen: dict[str, Any] = {}

    class Seeing(Builder):
        @staticmethod
        def set_dependencies(tasks_config: Mapping[str, Any], *others: Any) -> None:
            seen.update(tasks_config["a"])
            Builder.set_dependencies(tasks_config, *others)

    made({"task_groups": {"g": {}}, "tasks": {"a": {"operator": EMPTY, "task_group_name": "g"}}}, Seeing)
    return seen["task_group"].child_id("a")


def of_defaults() -> object:
    """The owner of a task for which only a `defaults.yml` in the working directory and in `dags/` names one."""
    with pytest.MonkeyPatch.context() as patched:
        (folder := Path(conf.get("core", "dags_folder"))).mkdir(parents=True, exist_ok=True)
        patched.chdir(folder)
        file = folder / "defaults.yml"
        file.write_text("default_args: {owner: nobody}\n")
        try:
            return dag({"a": {"operator": EMPTY}}).get_task("a").owner
        finally:
            file.unlink()


def with_variable(text: str) -> object:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("MERGEFLOW_TEST", "expanded")
        return dag({"a": {"operator": BASH, "bash_command": text}}).get_task("a").bash_command


TERMS = {
    "release": Term(
        lambda: f"{version('dag-factory')}.".startswith(f"{MADE_FOR}."),
        f"the release is {MADE_FOR}",
        f"when all other terms hold, change `MADE_FOR` in {ADAPTER} and the pin in pyproject.toml",
    ),
    "constructor": Term(
        lambda: names(DagBuilder.__init__) == ["dag_name", "dag_config", "default_config", "yml_dag"],
        "`DagBuilder` takes dag_name, dag_config, default_config and yml_dag",
        f"give `super().__init__` in {BUILDER} what it takes now",
    ),
    "attributes": Term(
        lambda: (
            vars(DagBuilder("d", {"a": 1}, {}, "y"))
            == {"dag_name": "d", "dag_config": {"a": 1}, "default_config": {}, "_yml_dag": "y"}
        ),
        "`DagBuilder.__init__` only keeps what it is given",
        f"`Builder.__init__` in {BUILDER} puts the config in its place afterwards: set what is new there, too",
    ),
    **{
        f"signature of {name}": Term(
            lambda name=name: (
                names(getattr(DagBuilder, name)) == names(getattr(Builder, name))  # type: ignore[misc]
                and isinstance(inspect.getattr_static(DagBuilder, name), staticmethod)
            ),
            f"`DagBuilder.{name}` is a static method that takes {', '.join(names(getattr(Builder, name)))}",
            f"override in {BUILDER} what does its work now, or drop the override if the stumble is mended",
        )
        for name in OVERRIDDEN
    },
    "calls": Term(
        lambda: called_by_build() == set(OVERRIDDEN),
        f"`DagBuilder.build` calls {', '.join(OVERRIDDEN)} on itself",
        f"an override in {BUILDER} is never called: override what `build` calls now",
    ),
    "group of a task": Term(
        lambda: group_of_a_task() == "g.a",
        "a task's config has its group under `task_group` when dependencies are set",
        f"look for the group in `Builder.set_dependencies` in {BUILDER} where it is now",
    ),
    "result": Term(
        lambda: made({"tasks": {"a": {"operator": EMPTY}}})["dag"].dag_id == "d",
        "`DagBuilder.build` returns a mapping with the DAG under `dag`",
        f"take the DAG in `_built` in {ADAPTER} from where it is now",
    ),
    "settings": Term(
        lambda: settings_asked() and settings_asked() <= {"get", "getint", "getboolean"},
        "the builder asks `dagbuilder.configuration.conf` for settings, by get, getint and getboolean",
        f"`dagbuilder.configuration` in {BUILDER} stands in for it: give it what is asked for now, or remove it",
    ),
    "files of callables": Term(
        lambda: (
            files_asked() == [("f", "/f.py")]
            and names(read_function) == ["python_callable_name", "python_callable_file"]
        ),
        "the builder gets a function of a file by `utils.get_python_callable(name, file)`",
        f"`_function` in {BUILDER} stands in for it: put it where it is asked now, or remove it",
    ),
    "types": Term(
        lambda: (
            utils.cast_with_type({"a": {"__type__": "builtins.complex", "__args__": [1], "imag": 2}, "b": ["c"]})
            == {"a": complex(1, 2), "b": ["c"]}
            and utils.cast_with_type({"__type__": "builtins.list", "items": [1]}) == [1]
            and utils.cast_with_type({"__args__": [1], "__and__": [2]}) == {"__and__": [2]}
        ),
        "`utils.cast_with_type` builds what `__type__` and `__args__` say, and nothing else",
        f"`with_values` in {VALUES} must build what a file's reader in dag-factory builds now",
    ),
    "telemetry": Term(
        lambda: settings.enable_telemetry is False,
        "`settings.enable_telemetry` is what Mergeflow has set",
        f"find out how it is turned off now, in {BUILDER} and {PLUGIN}",
    ),
    "docs": Term(
        lambda: (
            dag({"a": {"operator": EMPTY}}).doc_md is None
            and dag({"a": {"operator": EMPTY}}, doc_md="said").doc_md == "said"
        ),
        "a DAG that is built without `yml_dag` has no docs but its own",
        "sdk/mergeflow/airflow/docs.py puts its page around them: leave out what is dag-factory's",
    ),
    "tag": Term(
        lambda: dag({"a": {"operator": EMPTY}}, tags=["a"]).tags == {"a", "dagfactory"},
        "every DAG gets the tag `dagfactory`",
        f"add or drop it in {ADAPTER}, and say so in CHANGELOG.md: users filter by tags",
    ),
    "defaults": Term(
        lambda: of_defaults() != "nobody",
        "the builder leaves `defaults.yml` files alone",
        f"tell it in {BUILDER} not to look for them: they are merged already",
    ),
    "environment": Term(
        lambda: with_variable("echo $MERGEFLOW_TEST ${MERGEFLOW_TEST}") == "echo $MERGEFLOW_TEST ${MERGEFLOW_TEST}",
        "the builder leaves variables of the environment in texts alone",
        f"escape `$` in `with_values` in {VALUES}, or secrets get into docs and logs",
    ),
    "durations": Term(
        lambda: utils.get_time_delta("90 seconds").total_seconds() == 90,
        "`execution_delta` may be a text such as `90 seconds`",
        f"write what is read now in `spelled` in {VALUES}, or give it the `timedelta` as it is",
    ),
    "errors": Term(
        lambda: (
            raises({"tasks": {"a": {"operator": "no.such.Operator"}}}, ImportError)
            and raises({"tasks": {"a": {"bash_command": "echo"}}}, DagFactoryConfigException)
            and raises({"tasks": [{"task_id": "a", "operator": EMPTY}] * 2}, DagFactoryConfigException)
            and raises({"tasks": {"a": {"operator": EMPTY, "dependencies": ["nobody"]}}}, KeyError)
        ),
        "the builder raises what is wrong with a DAG",
        f"what it swallows must be looked for in `build` in {ADAPTER}, or a DAG is silently another",
    ),
}
