"""Checking is quick and harmless: it imports no heavy library and nothing that a config names."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mergeflow.cli import COMMANDS
from tests.conftest import Repository

HEAVY = {"airflow", "dagfactory", "great_expectations", "sqlalchemy", "git", "rich", "jinja2"}
TRAPS = """\
trap:
  schedule: {__type__: subprocess.call, __args__: [[touch, TRAP]]}
  on_failure_callback: trap_module.callback
  default_args: {on_success_callback: {callback: trap_module.callback}}
  user_defined_macros: {run: os.system, ours: callables.traps.VALUE}
  tasks:
    call: {operator: airflow.providers.standard.operators.python.PythonOperator, python_callable: os.system}
    fly: {operator: antigravity.X, dependencies: [call]}
    own: {operator: trap_module.Operator}
    ours:
      operator: airflow.providers.standard.operators.python.PythonOperator
      python_callable: callables.traps.trap
      op_kwargs: {command: "{{ cycler.__init__.__globals__.os.system('touch TRAP') }}"}
    sent: {decorator: airflow.sdk.task, python_callable: callables.traps.trap, command: touch TRAP}
    file:
      decorator: trap_module.decorator
      python_callable_name: trap
      python_callable_file: ROOT/dags/callables/traps.py
    check:
      operator: airflow.providers.http.sensors.http.HttpSensor
      response_check_lambda: "lambda response: __import__('os').system('touch TRAP')"
    shell:
      operator: airflow.providers.standard.operators.bash.BashOperator
      bash_command: "{{ 'x' | center(10 ** 11) }}{% set a = ().__class__.__base__.__subclasses__() %}$(touch TRAP)"
      env: {__type__: builtins.eval, __args__: ["open('TRAP', 'w')"]}
    typed: {type: python, callable: callables.traps.trap, arguments: {command: touch TRAP}}
    script: {type: script, path: ../../trap_module.py, arguments: ["$(touch TRAP)"], env: {A: "{{ ''.x() }}"}}
    of_others: {type: trap_module, callable: trap_module.callback}
    list: {operator: airflow.providers.standard.operators.empty.EmptyOperator, params: {a: {__type__: antigravity.X}}}
"""
DEFAULTS = """\
default_args:
  start_date: {__type__: subprocess.call, __args__: [[touch, TRAP]]}
  on_retry_callback: trap_module.callback
tasks:
  call: {operator: trap_module.Operator, python_callable: callables.traps.trap}
"""
TAGS = """\
a: !!python/object/apply:os.system ["touch TRAP"]
b: !!python/name:trap_module.callback
c: !!python/module:trap_module
"""
TRAP = "from pathlib import Path\nPath('TRAP').touch()\nVALUE = Path('TRAP').touch()\ndef trap(command): ...\n"
MODULES = ("trap_module.py", "dags/team.py", "dags/callables/__init__.py", "dags/callables/traps.py")
PYTHON = dict.fromkeys(MODULES, TRAP)
OURS = {"antigravity", "trap_module", "team", "callables", "callables.traps"}
"""What an import of anything that the traps name would leave among the modules."""
RUN = """\
import atexit, sys
def tell():
    print(*sorted(sys.modules), sep="\\n", file=sys.stderr)
atexit.register(tell)
from mergeflow.cli import main
main()
"""
HARMLESS = {
    "catalog": ["list", "show BashOperator", "show callables.traps.trap"],
    "check": [
        *(f"--all --format {form}" for form in ("text", "json", "github", "sarif")),
        "configs/team/a.yaml",
        "configs/team/defaults.yml",
        "--changed HEAD",
    ],
    "compile": ["", "--revision HEAD"],
    "new": ["rule house-rule", "task-type own-type", "team payments", "dag team/orders"],
    "plan": ["--base HEAD~1", *(f"--base HEAD~1 --head HEAD --format {form}" for form in ("text", "json", "markdown"))],
    "rules": ["", "missing-callable", "--format markdown"],
    "schema": ["", "-o schemas"],
    "show": ["trap", "trap --format json"],
    "stubs": [""],
}
"""Every command but those that run something, with arguments that show what it does."""
RUNS_SOMETHING = {"status", "sync", "test", "up"}
"""`status` asks an Airflow, `sync` starts the Django site that it is told to, `up` Airflow, and `test` runs DAGs."""


def loaded_by(root: Path, *arguments: str) -> tuple[int, str, set[str]]:
    """The exit code and output of a command, and every module that its process has loaded at its end."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        cwd=root,
        env=os.environ | {"PYTHONPATH": f"{root}{os.pathsep}{root / 'dags'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, set(done.stderr.splitlines())


def trapped(make: Callable[..., Repository], files: dict[str, str]) -> Path:
    """A repository in which every Python file leaves a mark when it is run; its second commit adds the configs."""
    root = make(PYTHON).root
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for arguments in (["init", "-q"], ["add", "-Af"], ["commit", "-qm", "python"]):
        subprocess.run([*git, *arguments], cwd=root, check=True)
    make({path: text.replace("ROOT", str(root)) for path, text in files.items()} | PYTHON)
    for arguments in (["add", "-Af"], ["commit", "-qm", "configs"]):
        subprocess.run([*git, *arguments], cwd=root, check=True)
    return root


@pytest.mark.parametrize("text", [TRAPS, TAGS, "orders: {}\n"], ids=["names", "tags", "defaults"])
def test_nothing_that_a_config_names_is_imported_or_run(text: str, repository: Callable[..., Repository]) -> None:
    root = trapped(repository, {"configs/team/a.yaml": text, "configs/team/defaults.yml": DEFAULTS})
    commands = HARMLESS if text is TRAPS else ("check", "plan")  # a config without DAGs gives the others little to do
    for command in (f"{name} {arguments}" for name in commands for arguments in HARMLESS[name]):
        code, out, modules = loaded_by(root, *command.split())
        assert code in (0, 1, 2), (command, out)
        assert "mergeflow.cli" in modules
        assert not modules & OURS, command
        assert not (root / "TRAP").exists(), command


def test_the_traps_are_set(repository: Callable[..., Repository]) -> None:
    root = trapped(repository, {"configs/team/a.yaml": TRAPS, "configs/team/defaults.yml": DEFAULTS})
    code, out, _ = loaded_by(root, "check", "configs/team/a.yaml")
    assert code == 1, out
    run = "import callables.traps, trap_module, team"
    subprocess.run([sys.executable, "-c", run], cwd=root, env=os.environ | {"PYTHONPATH": f"{root}:dags"}, check=True)
    assert (root / "TRAP").exists()


def test_every_command_that_runs_nothing_is_harmless() -> None:
    assert HARMLESS.keys() == set(COMMANDS) - RUNS_SOMETHING


def test_checking_one_file_loads_no_heavy_library(repository: Callable[..., Repository]) -> None:
    text = "orders:\n  tasks:\n    load: {operator: antigravity.X, retries: x}\n"
    text += (
        "    bash: {operator: airflow.providers.standard.operators.bash.BashOperator, bash_command: 'echo {{ ds }}'}\n"
    )
    made = repository({"configs/team/a.yaml": text})
    code, out, modules = loaded_by(made.root, "check", "configs/team/a.yaml")
    assert code == 1, out
    assert not {each.partition(".")[0] for each in modules} & HEAVY
    assert "mergeflow.cli.plan" not in modules
