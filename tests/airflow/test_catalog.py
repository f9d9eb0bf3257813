"""The catalog in Git is what is installed, and says so when it is not."""

import importlib.util
import inspect
import json
import os
import re
import subprocess
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.module_loading import import_string

from mergeflow.catalog import load_catalog
from mergeflow.rules import unknown_class
from mergeflow.rules.invalid_expand import UNMAPPABLE
from tests.conftest import Run

ROOT = Path(__file__).resolve().parents[2]
STANDARD = "airflow.providers.standard"


# What imports all of Airflow's providers and Great Expectations does all that is asked of it in one process.
PROGRAM = """
import os, pathlib, sys
from mergeflow.cli import run

assert run(["catalog", "build"]) == 0
text = pathlib.Path("validators/catalog.json").read_text()
os.chdir(sys.argv[1])
pathlib.Path("validators/catalog.json").write_text(text.replace("append_env", "apend_env"))
sys.exit(run(["catalog", "check"]))
"""


@dataclass(frozen=True)
class Ran:
    """A catalog that was built, and what `mergeflow catalog check` then said of another, which is stale."""

    built: Path
    code: int
    lines: list[str]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A catalog that is built where Airflow's settings are others than its own."""
    root, stale = (tmp_path_factory.mktemp(name) for name in ("repository", "stale"))
    for folder in (root / "configs", stale / "configs", stale / "validators"):
        folder.mkdir()
    settings = {
        "AIRFLOW_HOME": str(root / "airflow"),
        "AIRFLOW__OPERATORS__DEFAULT_DEFERRABLE": "true",
        "AIRFLOW__OPERATORS__DEFAULT_OWNER": "somebody",
        "AIRFLOW__CORE__DEFAULT_TASK_RETRIES": "7",
        "PYTHONHASHSEED": "5",
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, stale],
        cwd=root,
        env={**os.environ, "PYTHONWARNINGS": "ignore", **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "wrote validators/catalog.json" in done.stdout.splitlines(), done.stderr
    return Ran(root / "validators/catalog.json", done.returncode, done.stdout.splitlines())


@pytest.fixture(scope="module")
def built(ran: Ran) -> Path:
    return ran.built


@pytest.fixture(scope="module")
def content(built: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(built.read_text())
    return loaded


def test_the_committed_catalog_is_up_to_date_whatever_the_settings_are(built: Path) -> None:
    assert (ROOT / "validators/catalog.json").read_text() == built.read_text()


def test_a_stale_catalog_is_told_with_what_differs_and_exits_with_1(ran: Ran) -> None:
    assert ran.code == 1
    assert f"~ {STANDARD}.operators.bash.BashOperator" in ran.lines
    assert ran.lines[-1].endswith("`mergeflow catalog build` writes it anew")


def test_parameters_are_the_operators_own_with_those_of_its_parents(content: dict[str, Any]) -> None:
    bash = content["operators"][f"{STANDARD}.operators.bash.BashOperator"]["parameters"]
    assert bash["append_env"].startswith("bool = false")
    assert bash["bash_command"].startswith("template str  # ")
    assert {"retries", "pool", "trigger_rule"} <= content["common"].keys()
    assert not content["common"].keys() & bash.keys()
    branch = content["operators"][f"{STANDARD}.operators.python.BranchPythonOperator"]["parameters"]
    assert " = " not in branch["python_callable"].partition("  # ")[0]


def test_what_an_operator_gives_its_parent_itself_is_no_parameter(content: dict[str, Any]) -> None:
    sensor = content["operators"][f"{STANDARD}.sensors.time.TimeSensorAsync"]["parameters"]
    assert "target_time" in sensor
    assert "deferrable" not in sensor
    decorator = content["decorators"][f"{STANDARD}.decorators.bash.bash_task"]["parameters"]
    assert "append_env" in decorator
    assert not {"bash_command", "op_args", "op_kwargs", "task_id"} & decorator.keys()


def test_deprecated_classes_say_what_to_use(content: dict[str, Any]) -> None:
    said = {
        path.rpartition(".")[2]: each["deprecated"]
        for path, each in content["operators"].items()
        if "deprecated" in each
    }
    assert "TimeSensor with deferrable=True" in said["TimeSensorAsync"]
    assert "TimeDeltaSensor with deferrable=True" in said["TimeDeltaSensorAsync"]
    assert "BashOperator" not in said


def test_every_decorator_of_the_installed_providers_is_there(content: dict[str, Any]) -> None:
    from airflow.providers_manager import ProvidersManager

    listed = {
        each["class-name"]
        for provider in ProvidersManager().providers.values()
        for each in provider.data.get("task-decorators", ())
    }
    assert listed == content["decorators"].keys()


def test_every_expectation_is_there_by_the_name_that_suites_use(content: dict[str, Any]) -> None:
    called = {each["called"] for each in content["expectations"].values()}
    assert {"expect_column_values_to_not_be_null", "expect_table_row_count_to_be_between"} <= called
    assert len(called) == len(content["expectations"]) > 50


def test_the_catalog_can_be_reviewed(built: Path) -> None:
    lines = [line for line in built.read_text().splitlines() if line.startswith("  ")]
    content = json.loads(built.read_text())
    assert len(lines) == sum(len(section) for section in content.values() if isinstance(section, dict))
    assert "0x" not in built.read_text()
    assert str(ROOT) not in built.read_text()
    assert built.stat().st_size < 150_000


@pytest.mark.filterwarnings("ignore")  # what is deprecated says so when it is imported
def test_what_is_built_where_great_expectations_is_not_has_none_of_it(
    tmp_path: Path, mergeflow: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == "great_expectations" else find(name, *a)
    )
    (tmp_path / "configs").mkdir()
    done = mergeflow("catalog", "build", cwd=tmp_path)
    assert done.code == 0, done.err
    assert "great_expectations is not installed" in done.err
    assert json.loads((tmp_path / "validators/catalog.json").read_text())["expectations"] == {}


KNOWN = load_catalog(ROOT)


def made(path: str, /, **arguments: Any) -> str:
    """What Airflow says against a class with these arguments; nothing where it has no objection."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import_string(path)(**arguments)
        except Exception as error:  # noqa: BLE001 - any class, any objection
            return str(error)
    return ""


@pytest.mark.parametrize("path", KNOWN.names("operators"), ids=lambda path: path.rpartition(".")[2])
def test_what_the_catalog_calls_required_airflow_misses_and_takes_all_parameters(path: str) -> None:
    operator = KNOWN.operator(path)
    assert operator is not None
    said = made(path, task_id="task")
    missed = set(re.findall(r"'(\w+)'", said)) if "missing keyword argument" in said else set()
    assert missed == operator.required
    for name in operator.parameters:
        assert not re.search(
            "Invalid arguments|unexpected keyword|multiple values", made(path, task_id="t", **{name: None})
        )


@pytest.mark.parametrize("path", KNOWN.names("notifiers") + KNOWN.names("timetables"))
def test_a_notifier_or_timetable_takes_all_parameters_and_misses_the_required_ones(path: str) -> None:
    entry = KNOWN.notifier(path) or KNOWN.timetable(path)
    assert entry is not None
    signature = inspect.signature(import_string(path))
    given = {
        name for name, each in signature.parameters.items() if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
    }
    assert entry.parameters.keys() == given
    required = {name for name in given if signature.parameters[name].default is inspect.Parameter.empty}
    assert entry.required == required


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a task that never got mapped
def test_what_cannot_be_mapped_over_is_what_airflow_refuses() -> None:
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.sdk import DAG

    refused = set()
    for key in load_catalog(ROOT).common:
        with DAG("mapped", schedule=None):
            try:
                BashOperator.partial(task_id="a", bash_command="ls").expand(**{key: [1, 2]})
            except TypeError:
                refused.add(key)
    assert refused == UNMAPPABLE - {"task_id"}


def test_no_name_of_airflows_sdk_is_taken_for_a_slip() -> None:
    import airflow.sdk

    catalog = load_catalog(ROOT)
    assert [name for name in airflow.sdk.__all__ if unknown_class._meant(f"airflow.sdk.{name}", catalog)] == []
    for path, new in unknown_class._OF_AIRFLOW_2.items():
        assert import_string(new)
        with pytest.raises(ImportError):
            import_string(path)
