"""Code that a branch changes reaches the DAGs that run it, however one file names another."""

from collections.abc import Callable

import pytest

from mergeflow.testing.inventory import Inventory
from tests.conftest import Repository
from tests.live import STUB

BASH = "airflow.providers.standard.operators.bash.BashOperator"
PYTHON = "airflow.providers.standard.operators.python.PythonOperator"
CONFIG = f"""\
run:
  tasks:
    load: {{operator: {PYTHON}, python_callable: callables.team.load.load}}
    shell: {{operator: {BASH}, bash_command: scripts/team/run.sh}}
other:
  tasks:
    look: {{operator: {PYTHON}, python_callable: callables.team.alone.look}}
"""
FILES = {
    "dags/team.py": STUB.format(team="team"),
    "configs/team/run.yaml": CONFIG,
    "dags/callables/team/load.py": "def load(): ...\n",
    "dags/callables/team/alone.py": "def look(): ...\n",
    "dags/callables/team/deep.py": "A = 1\n",
    "dags/scripts/team/run.sh": "echo\n",
}
DEEP = "dags/callables/team/deep.py"


@pytest.mark.parametrize(
    "text",
    [
        "from callables.team import (\n    deep,\n    other,\n)\n",
        "from callables.team import (  # ours\n    deep as d,\n)\n",
        "from callables.team import \\\n    deep\n",
        "from callables.team.deep import (\n    A,\n)\n",
        "import os, callables.team.deep\n",
        "import os as o, callables.team.deep as d\n",
        "from . import (\n    deep,\n)\n",
        "from .deep import A\n",
        "from ..team import deep\n",
        "def load():\n    if True: import callables.team.deep\n",
        "import importlib\nA = importlib.import_module('callables.team.deep').A\n",
        "import subprocess\nsubprocess.run(['python', 'callables/team/deep.py'])\n",
        "from pathlib import Path\nA = Path(__file__).with_name('deep.py')\n",
    ],
)
def test_a_module_that_another_imports_in_any_way_is_reached(repository: Callable[..., Repository], text: str) -> None:
    made = repository({**FILES, "dags/callables/team/load.py": text})
    assert Inventory(made.root).running([DEEP]) == {"run"}


@pytest.mark.parametrize("text", ["python -m callables.team.deep\n", 'python "$DAGS/callables/team/deep.py"\n'])
def test_a_module_that_a_shell_script_runs_is_reached(repository: Callable[..., Repository], text: str) -> None:
    made = repository({**FILES, "dags/scripts/team/run.sh": text})
    assert Inventory(made.root).running([DEEP]) == {"run"}


def test_the_packages_around_a_module_are_run_before_it(repository: Callable[..., Repository]) -> None:
    made = repository({**FILES, "dags/callables/team/__init__.py": "from callables import (\n    base,\n)\n"})
    inventory = Inventory(made.root)
    assert inventory.running(["dags/callables/team/__init__.py"]) == {"run", "other"}
    assert inventory.running(["dags/callables/base.py"]) == {"run", "other"}


def test_a_module_beside_the_stubs_is_reached_by_what_imports_it(repository: Callable[..., Repository]) -> None:
    made = repository({**FILES, "dags/rates.py": "EUR = 1\n", "dags/callables/team/load.py": "import rates\n"})
    assert Inventory(made.root).running(["dags/rates.py"]) == {"run"}


def test_a_stub_that_imports_code_is_reached_with_its_dags(repository: Callable[..., Repository]) -> None:
    made = repository({**FILES, "dags/team.py": f"import callables.team.deep\n{FILES['dags/team.py']}"})
    assert Inventory(made.root).running([DEEP]) == {"run", "other"}


@pytest.mark.parametrize("text", ["def load(: ...\n", "\0", "x = " + "(" * 5000])
def test_what_is_no_python_imports_nothing(repository: Callable[..., Repository], text: str) -> None:
    made = repository({**FILES, "dags/callables/team/load.py": text})
    assert Inventory(made.root).running([DEEP]) == set()
