"""How a peer runs in the same Airflow, and whose CPU time is counted; `make bench` itself starts the Airflows."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest
import yaml

from mergeflow.airflow.local.settings import GIT_REFRESH
from tests.benchmarks.live import AIRFLOWS_DEFAULTS, DEPLOYMENTS, Deployment
from tests.benchmarks.page import IMPORT_LIMIT
from tests.benchmarks.processes import cpu_seconds
from tests.benchmarks.rows import DAG_FACTORY, MERGEFLOW, NOTHING

BUNDLES = "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"

# A child that works, and ends; then its parent says so and stays.
WORKED = """
import subprocess, sys
work = "import time\\nwhile time.process_time() < 0.4: pass"
subprocess.run([sys.executable, "-I", "-S", "-c", work])
print("done", flush=True)
sys.stdin.read()
"""


def deployment(contender: str) -> Deployment:
    (found,) = (each for each in DEPLOYMENTS if each.contender == contender)
    return found


def test_mergeflow_runs_as_it_is_shipped(tmp_path: Path) -> None:
    assert deployment(MERGEFLOW).variables(tmp_path) == {}


def test_a_peer_has_airflows_git_bundle_and_looks_as_often(tmp_path: Path) -> None:
    variables = deployment(DAG_FACTORY).variables(tmp_path)
    (bundle,) = json.loads(variables[BUNDLES])
    assert bundle["classpath"] == "airflow.providers.git.bundles.git.GitDagBundle"
    assert bundle["kwargs"] == {
        "repo_url": str(tmp_path),
        "tracking_ref": "main",
        "subdir": "dag_factory",
        "refresh_interval": GIT_REFRESH,
    }
    assert variables.items() >= AIRFLOWS_DEFAULTS.items()


def test_the_floor_has_mergeflows_settings_and_no_dag(tmp_path: Path) -> None:
    variables = deployment(NOTHING).variables(tmp_path)
    assert set(variables) == {BUNDLES}
    assert json.loads(variables[BUNDLES])[0]["kwargs"]["path"] == str(tmp_path / "empty")


@pytest.fixture(scope="module")
def airflows_options() -> dict[str, Any]:
    spec = find_spec("airflow")
    assert spec is not None
    folder = (spec.submodule_search_locations or [""])[0]
    loaded: dict[str, Any] = yaml.load(Path(folder, "config_templates/config.yml").read_text(), yaml.CSafeLoader)
    return loaded


@pytest.mark.parametrize(("variable", "value"), AIRFLOWS_DEFAULTS.items())
def test_airflows_defaults_are_those_of_this_airflow(
    airflows_options: dict[str, Any], variable: str, value: str
) -> None:
    _, section, option = variable.lower().split("__")
    assert airflows_options[section]["options"][option]["default"] == value


def test_the_import_limit_is_that_of_this_airflow(airflows_options: dict[str, Any]) -> None:
    assert float(airflows_options["core"]["options"]["dagbag_import_timeout"]["default"]) == IMPORT_LIMIT


def test_the_time_of_children_that_have_ended_is_counted() -> None:
    command = [sys.executable, "-I", "-S", "-c", WORKED]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"done\n"
        spent = cpu_seconds(psutil.Process(parent.pid))
        parent.kill()
    assert 0.3 < spent < 1.5  # the kernel counts in hundredths, and rounds down
