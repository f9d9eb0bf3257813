"""The catalog in Git is what the installed Airflow has, and says so when it is not."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
BASH = "airflow.providers.standard.operators.bash.BashOperator"


def catalog(root: Path, command: str) -> subprocess.CompletedProcess[str]:
    (root / "configs").mkdir(exist_ok=True)
    program = [sys.executable, "-c", "from mergeflow.cli import main; main()", "catalog", command]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    return subprocess.run(program, cwd=root, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repository")
    done = catalog(root, "build")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "wrote validators/catalog.json"
    return root / "validators/catalog.json"


def test_the_committed_catalog_is_up_to_date(built: Path) -> None:
    assert (ROOT / "validators/catalog.json").read_text() == built.read_text()


def test_a_stale_catalog_is_told_and_exits_with_1(built: Path, tmp_path: Path) -> None:
    (tmp_path / "validators").mkdir()
    (tmp_path / "validators/catalog.json").write_text(built.read_text().replace("bash_command", "bash_comand"))
    done = catalog(tmp_path, "check")
    assert done.returncode == 1
    assert "`mergeflow catalog build` writes it anew" in done.stdout


def test_parameters_are_the_operators_own_with_those_of_its_parents(built: Path) -> None:
    content: dict[str, Any] = json.loads(built.read_text())
    bash = content["operators"][BASH]
    assert {"bash_command", "env", "append_env", "cwd"} <= set(bash["parameters"])
    assert bash["required"] == ["bash_command"]
    assert {"retries", "pool", "trigger_rule"} <= set(content["common"])
    assert not set(content["common"]) & set(bash["parameters"])
    branch = "airflow.providers.standard.operators.python.BranchPythonOperator"
    assert content["operators"][branch]["required"] == ["python_callable"]


def test_an_operator_is_one_line_so_that_an_upgrade_can_be_reviewed(built: Path) -> None:
    lines = [line for line in built.read_text().splitlines() if line.startswith("  ")]
    assert len(lines) == len(json.loads(built.read_text())["operators"])
