"""The catalog in Git is what is installed, and says so when it is not."""

import inspect
import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.module_loading import import_string

from mergeflow.catalog import load_catalog
from mergeflow.rules import unknown_class
from mergeflow.rules.invalid_expand import UNMAPPABLE

ROOT = Path(__file__).resolve().parents[2]
STANDARD = "airflow.providers.standard"


def catalog(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (root / "configs").mkdir(exist_ok=True)
    program = [sys.executable, "-c", "from mergeflow.cli import main; main()", "catalog", *arguments]
    settings = {**os.environ, "PYTHONWARNINGS": "ignore", **environment}
    return subprocess.run(program, cwd=root, env=settings, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalog that is built where Airflow's settings are others than its own."""
    root = tmp_path_factory.mktemp("repository")
    settings = {
        "AIRFLOW_HOME": str(root / "airflow"),
        "AIRFLOW__OPERATORS__DEFAULT_DEFERRABLE": "true",
        "AIRFLOW__OPERATORS__DEFAULT_OWNER": "somebody",
        "AIRFLOW__CORE__DEFAULT_TASK_RETRIES": "7",
        "PYTHONHASHSEED": "5",
    }
    done = catalog(root, "build", **settings)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "wrote validators/catalog.json"
    return root / "validators/catalog.json"


@pytest.fixture(scope="module")
def content(built: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(built.read_text())
    return loaded


def test_the_committed_catalog_is_up_to_date_whatever_the_settings_are(built: Path) -> None:
    assert (ROOT / "validators/catalog.json").read_text() == built.read_text()


def test_a_stale_catalog_is_told_with_what_differs_and_exits_with_1(built: Path, tmp_path: Path) -> None:
    (tmp_path / "validators").mkdir()
    stale = built.read_text().replace("append_env", "apend_env")
    (tmp_path / "validators/catalog.json").write_text(stale)
    done = catalog(tmp_path, "check")
    assert done.returncode == 1
    assert f"~ {STANDARD}.operators.bash.BashOperator" in done.stdout.splitlines()
    assert "`mergeflow catalog build` writes it anew" in done.stdout


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


def test_what_is_built_where_great_expectations_is_not_has_none_of_it(tmp_path: Path) -> None:
    (tmp_path / "blocking").mkdir()
    program = "import sys, importlib.util as u; find = u.find_spec\n"
    program += "u.find_spec = lambda name, *a: None if name == 'great_expectations' else find(name, *a)\n"
    program += "from mergeflow.cli import run; sys.exit(run(['catalog', 'build']))"
    (tmp_path / "configs").mkdir()
    settings = {**os.environ, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=settings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "great_expectations is not installed" in done.stderr
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
