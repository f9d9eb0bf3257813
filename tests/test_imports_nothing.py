"""Checking is quick and harmless: it imports no heavy library and nothing that a config names."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Repository

HEAVY = {"airflow", "dagfactory", "great_expectations", "sqlalchemy", "git", "rich"}
TRAPS = """\
trap:
  schedule: {__type__: subprocess.call, __args__: [[touch, TRAP]]}
  on_failure_callback: trap_module.callback
  default_args: {on_success_callback: {callback: trap_module.callback}}
  user_defined_macros: {run: os.system}
  tasks:
    call: {operator: airflow.providers.standard.operators.python.PythonOperator, python_callable: os.system}
    fly: {operator: antigravity.X, dependencies: [call]}
    own: {operator: trap_module.Operator}
    file: {decorator: trap_module.decorator, python_callable_name: f, python_callable_file: trap_module.py}
"""
TAGS = """\
a: !!python/object/apply:os.system ["touch TRAP"]
b: !!python/name:trap_module.callback
c: !!python/module:trap_module
"""
RUN = """\
import atexit, sys
def tell():
    print(*sorted(sys.modules), sep="\\n", file=sys.stderr)
atexit.register(tell)
from mergeflow.cli import main
main()
"""


def loaded_by(root: Path, *arguments: str) -> tuple[int, str, set[str]]:
    """The exit code and output of a command, and every module that its process has loaded at its end."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, set(done.stderr.splitlines())


@pytest.mark.parametrize("text", [TRAPS, TAGS], ids=["names", "tags"])
def test_nothing_that_a_config_names_is_imported_or_run(repository: Callable[..., Repository], text: str) -> None:
    trap = "from pathlib import Path\nPath('TRAP').touch()\n"
    made = repository({"configs/team/a.yaml": text, "trap_module.py": trap})
    code, out, modules = loaded_by(made.root, "check", "configs/team/a.yaml")
    assert code == (text is TAGS), out
    assert {"mergeflow.checker", "yaml"} <= modules
    assert not modules & {"antigravity", "trap_module"}
    assert not (made.root / "TRAP").exists()


def test_checking_one_file_loads_no_heavy_library(repository: Callable[..., Repository]) -> None:
    made = repository({"configs/team/a.yaml": "orders:\n  tasks:\n    load: {operator: antigravity.X, retries: x}\n"})
    code, out, modules = loaded_by(made.root, "check", "configs/team/a.yaml")
    assert code == 1, out
    assert not {each.partition(".")[0] for each in modules} & HEAVY
    assert "mergeflow.cli.plan" not in modules
