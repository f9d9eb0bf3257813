"""What is written from a table is what the table says, and pre-commit understands it."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mergeflow.render import hooks, rules
from mergeflow.rules.page import pages
from tests.conftest import ROOT, Run
from tests.render.generated import GENERATED, main, stale, write


@pytest.mark.parametrize("path", GENERATED)
def test_a_file_that_is_missing_or_was_edited_is_stale(path: str, tmp_path: Path) -> None:
    write(tmp_path)
    assert stale(tmp_path) == []
    assert main(["--check"], tmp_path) is None
    (tmp_path / path).write_bytes((tmp_path / path).read_bytes() + b"\n")
    assert stale(tmp_path) == [path]
    assert (main(["--check"], tmp_path) or "").startswith(f"not up to date: {path}; ")
    (tmp_path / path).unlink()
    assert stale(tmp_path) == [path]
    assert main([], tmp_path) is None
    assert stale(tmp_path) == []


def test_wrong_use_writes_nothing(tmp_path: Path) -> None:
    assert (main(["--chekc"], tmp_path) or "").startswith("usage: ")
    assert not list(tmp_path.iterdir())


def test_the_files_of_this_repository_are_up_to_date() -> None:
    assert stale(ROOT) == [], "`python -m tests.render.generated` writes them"


def test_lint_holds_them_against_their_tables() -> None:
    (lint,) = re.findall(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for command in ("python -m tests.render.generated --check", "mergeflow schema --check", "mergeflow stubs --check"):
        assert f"$(BIN)/{command}\n" in lint


def test_pre_commit_understands_the_hooks() -> None:
    command = [Path(sys.prefix) / "bin/pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("hook", hooks.HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_calls_a_command_that_there_is(hook: dict[str, str], mergeflow: Run) -> None:
    command, *arguments = shlex.split(hook["entry"])
    assert command == "mergeflow"
    assert mergeflow(*arguments, "--help").code == 0


def test_the_hooks_of_this_repository_look_at_the_same_files() -> None:
    (local,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    by_hand = {hook["id"]: hook for hook in local["hooks"]}
    used = [hook for hook in hooks.HOOKS if hook["language"] == "python"]
    assert len(used) >= 3
    for hook in used:
        shared = hook.keys() - {"entry", "language", "description"}
        assert {key: hook[key] for key in shared} == {key: by_hand[hook["id"]][key] for key in shared}
        assert by_hand[hook["id"]]["entry"] == f".venv/bin/{hook['entry']}"


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("configs/team/a.yaml", ["check", "stubs"]),
        ("configs/defaults.yml", ["check", "stubs"]),
        ("other/configs/a.yaml", []),
        ("configs/team/a.sql", []),
        ("dags/team.py", ["stubs"]),
        ("dags/team/fx.py", ["stubs"]),
        ("dags/callables/team/a.py", []),
        ("validators/policy.yaml", ["check"]),
        ("validators/expectations/team/a.yml", ["check"]),
        ("validators/rules/a.py", ["check"]),
        ("validators/rules/cases/a/bad.yaml", []),
        ("validators/samples/a.yaml", []),
        ("validators/catalog.json", ["schema", "catalog"]),
        ("validators/schema/dags.json", ["schema"]),
        ("requirements.lock", ["catalog"]),
        ("docker/requirements-airflow.txt", ["catalog"]),
        ("docs/requirements.md", []),
    ],
)
def test_a_hook_looks_at_what_it_is_about(path: str, wanted: list[str]) -> None:
    found = [each["id"] for each in hooks.HOOKS if re.search(each["files"], path)]
    assert found == [f"mergeflow-{each}" for each in wanted]


def test_the_page_of_the_hooks_names_each() -> None:
    text = hooks.markdown()
    for hook in hooks.HOOKS:
        assert f"      - id: {hook['id']}\n" in text
        assert f"| `{hook['id']}` | {hook['description']} |" in text


def test_a_title_with_a_bar_stays_in_its_cell() -> None:
    page = pages()[0].__class__("a", pages()[0].severity, "One | two.", "x.")
    assert r"| One \| two. |" in rules.markdown([page])


def test_the_contents_name_every_section() -> None:
    text = rules.markdown(pages())
    assert re.findall(r"^\| \[([a-z-]+)\]\(#\1\) ", text, re.MULTILINE) == re.findall(r"^## (.+)$", text, re.MULTILINE)
