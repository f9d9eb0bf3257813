"""The commit hooks, run by pre-commit in a scratch repository: what they refuse, mend and leave alone."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
BIN = Path(sys.prefix) / "bin"

GOOD_DAG = """\
nightly:
  default_args:
    owner: team
    start_date: 2026-01-01
  schedule: "@daily"
  tasks:
    - task_id: greet
      operator: airflow.providers.standard.operators.bash.BashOperator
      bash_command: echo hello
"""
STUB = """\
from mergeflow.airflow import load_dags

load_dags(globals(), "team")
"""
CONFIG_ERRORS = (ROOT / "dags/config_errors.py").read_text()
# In parts, so that this file is not refused by the hook that it tests.
PRIVATE_KEY = "-----BEGIN " + "RSA PRIVATE" + " KEY-----\n"
CONFLICT = "<<<<" + "<<< ours\na\n====" + "===\nb\n>>>>" + ">>> theirs\n"


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """A repository with the shipped hooks and this installation, and nothing else."""
    shutil.copy(ROOT / ".pre-commit-config.yaml", tmp_path)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / ".gitignore").write_text(".venv\n.cache\n")
    subprocess.run(["git", "init", "-q", "-b", "main", tmp_path], check=True)
    return tmp_path


def commit(scratch: Path, files: Mapping[str, str | bytes]) -> subprocess.CompletedProcess[str]:
    """Stage the files and run all hooks on what is staged, as `git commit` would."""
    for name, content in files.items():
        path = scratch / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PRE_COMMIT"))}
    environment |= {"PRE_COMMIT_HOME": str(scratch / ".cache"), "NO_COLOR": "1"}
    subprocess.run(["git", "add", "--all"], cwd=scratch, check=True, env=environment)
    return subprocess.run(
        [BIN / "pre-commit", "run", "--color=never"],
        cwd=scratch,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


def failed(result: subprocess.CompletedProcess[str]) -> list[str]:
    """The names of the hooks that failed."""
    lines = result.stdout.splitlines()
    return [line.split("...")[0] for line in lines if line.endswith("Failed")]


@pytest.mark.parametrize(
    ("name", "content", "hook"),
    [
        ("docs/a.md", "hanging \n", "trailing whitespace"),
        ("docs/a.md", "no end", "end of file"),
        ("docs/a.md", "dos\r\n", "mixed line ending"),
        ("docs/a.md", CONFLICT, "merge conflict"),
        ("keys/id_rsa", PRIVATE_KEY, "private key"),
        pytest.param("data/big.bin", b"\0" * 600_000, "large file", id="large file"),
        ("a.json", '{"a": 1,}\n', "JSON"),
        ("a.toml", "a = = 1\n", "TOML"),
        ("a.py", "import os\n", "ruff check"),
        ("a.py", "a = [ 1 ]\n", "ruff format"),
    ],
)
def test_a_commit_is_refused_by_exactly_the_hook_that_is_meant(
    scratch: Path, name: str, content: str | bytes, hook: str
) -> None:
    result = commit(scratch, {name: content})
    assert (result.returncode, failed(result)) == (1, [hook]), result.stdout


def test_a_misspelt_key_in_a_dag_is_refused_at_its_place(scratch: Path) -> None:
    bad = GOOD_DAG.replace("schedule:", "schedul:")
    files = {"configs/team/x.yaml": bad, "configs/team/good.yaml": "# nothing yet\n"}
    result = commit(scratch, {**files, "dags/team.py": STUB, "dags/config_errors.py": CONFIG_ERRORS})
    assert (result.returncode, failed(result)) == (1, ["mergeflow check"]), result.stdout
    assert "configs/team/x.yaml:5:3: error: unknown key `schedul`" in result.stdout


def test_a_new_team_gets_its_stub_and_the_commit_stops_once(scratch: Path) -> None:
    files = {"configs/team/x.yaml": GOOD_DAG, "dags/config_errors.py": CONFIG_ERRORS}
    result = commit(scratch, files)
    assert "wrote dags/team.py" in result.stdout
    assert "mergeflow stubs" in failed(result)
    assert (scratch / "dags/team.py").read_text() == STUB
    again = commit(scratch, {})
    assert (again.returncode, failed(again)) == (0, []), again.stdout


def test_good_files_pass_and_stay_as_they_are(scratch: Path) -> None:
    files = {
        "configs/team/x.yaml": GOOD_DAG,
        "dags/team.py": STUB,
        "dags/config_errors.py": CONFIG_ERRORS,
        "a.py": '"""Nothing."""\n',
        "a.json": "{}\n",
        "a.toml": "a = 1\n",
        "docs/a.md": "text\n",
    }
    result = commit(scratch, files)
    assert (result.returncode, failed(result)) == (0, []), result.stdout
    assert {name: (scratch / name).read_text() for name in files} == files


@pytest.mark.parametrize("name", ["other/x.yaml", "configs/team/x.sql", "sub/configs/team/x.yaml"])
def test_mergeflow_check_looks_only_at_config_files(scratch: Path, name: str) -> None:
    result = commit(scratch, {name: "schedul: 1\n"})
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("mergeflow check")]
    assert line.endswith("Skipped")


@pytest.mark.parametrize(
    "name",
    [
        "tests/cases/a/x.yaml",
        "tests/golden/x.txt",
        "tests/corpus/x.yaml",
        "requirements.lock",
        "validators/rules/cases/a/bad.yaml",
    ],
)
def test_test_cases_and_the_lock_are_left_byte_for_byte(scratch: Path, name: str) -> None:
    content = "hanging \r\nmixed \nno end"
    result = commit(scratch, {name: content})
    assert result.returncode == 0, result.stdout
    assert (scratch / name).read_bytes() == content.encode()


def test_every_hook_runs_from_this_installation() -> None:
    (local,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert local["repo"] == "local"
    assert {hook["language"] for hook in local["hooks"]} == {"system"}
    commands = [Path(hook["entry"].split()[0]) for hook in local["hooks"]]
    assert {command.parent for command in commands} == {Path(".venv/bin")}
    assert [command.name for command in commands if not (BIN / command.name).exists()] == []
