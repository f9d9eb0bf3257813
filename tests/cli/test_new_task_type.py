"""`mergeflow new task-type`: what it writes can be installed, checked and compiled as it is."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Repository, Run

Make = Callable[..., Repository]
CONFIG = "orders: {schedule: null, tasks: {tell: {type: tell-team, team: payments, text: hello, retries: 1}}}\n"
COMPILE = """\
import json, pathlib
from mergeflow.compiler import compile_project
from mergeflow.workspace import select
(dag,) = compile_project(select(pathlib.Path.cwd(), ()).project)
print(json.dumps(dag.config["tasks"]["tell"]))
"""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Load_CSV", "`Load_CSV` cannot be a task type's name: small letters and digits, with hyphens between; "),
        ("../evil", "`../evil` cannot be a task type's name: "),
        ("", "`` cannot be a task type's name: "),
        ("script", "`script` is a task type of Mergeflow's already; docs/task-types.md shows it"),
    ],
)
def test_a_bad_name_is_refused(name: str, said: str, repository: Make, mergeflow: Run) -> None:
    made = repository({})
    ran = mergeflow("new", "task-type", "--", name, cwd=made.root)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert not (made.root / "task_types").exists()


def test_nothing_is_overwritten_and_nothing_half_written(repository: Make, mergeflow: Run) -> None:
    made = repository({"task_types/tell-team/test_tell_team.py": "mine"})
    ran = mergeflow("new", "task-type", "tell-team", cwd=made.root)
    assert (ran.code, ran.out) == (2, "")
    assert "is not overwritten" in ran.err
    assert [each.name for each in (made.root / "task_types/tell-team").iterdir()] == ["test_tell_team.py"]


def test_what_is_written_is_installed_and_known_at_once(repository: Make, mergeflow: Run, tmp_path: Path) -> None:
    made = repository({"configs/team/a.yaml": CONFIG})
    assert mergeflow("check", cwd=made.root).code == 1
    ran = mergeflow("new", "task-type", "tell-team", cwd=made.root)
    assert (ran.code, ran.err) == (0, "")
    folder = made.root / "task_types/tell-team"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-index"]
    site = tmp_path / "site"
    python([*pip[1:], "--no-deps", "--no-build-isolation", "--target", site, folder], made.root, None)
    python(["-c", "from mergeflow.cli import main; main()", "check"], made.root, site)
    task = json.loads(python(["-c", COMPILE], made.root, site))
    assert (task["endpoint"], task["json"], task["retries"]) == ("/channels/payments/messages", {"text": "hello"}, 1)
    python(["-m", "pytest", "-q", "-p", "no:cacheprovider", folder], made.root, site)


def python(arguments: list[str | Path], cwd: Path, site: Path | None) -> str:
    environment = {**os.environ, **({"PYTHONPATH": str(site)} if site else {})}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
