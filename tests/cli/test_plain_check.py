"""A check of paths without an option does without click, and is in all else what the command is."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest

from mergeflow.cli import commands, run
from tests.conftest import Repository

E = "airflow.providers.standard.operators.empty.EmptyOperator"
A = "configs/team/a.yaml"
GOOD = {A: f"orders:\n  tasks:\n    load: {{operator: {E}}}\n"}
BAD = {A: f"orders:\n  tasks:\n    load: {{operator: {E}, retries: x}}\n", "configs/team/b.yaml": "orders: {}\n"}
HOUSE = BAD | {"validators/rules/no_such.py": "import nothing\n", "validators/policy.yaml": "rules: {cycl: off}\n"}
CASES: Mapping[str, tuple[Mapping[str, str], tuple[str, ...]]] = {
    "nothing": ({}, ()),
    "fine": (GOOD, ()),
    "fine, one file": (GOOD, (A,)),
    "problems": (BAD, ()),
    "problems of a file": (BAD, (A,)),
    "problems of a folder": (BAD, ("configs/team", A)),
    "house rules": (HOUSE, ()),
    "a file that is not there": (GOOD, ("gone.yaml",)),
    "a name in two lines": (GOOD, ("a\nb",)),
    "a name that moves the cursor": (GOOD, ("\x1b[31mred",)),
    "a name of bytes": (GOOD, ("\udcff",)),
    "outside": (GOOD, ("..",)),
    "an empty word": (BAD, ("",)),
    "the command's own name": (GOOD, ("check",)),
    "no catalog": (GOOD | {"validators/catalog.json": "[]"}, ()),
}


@pytest.mark.parametrize("case", CASES)
def test_it_ends_and_says_as_the_command_does(
    case: str, repository: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    files, paths = CASES[case]
    monkeypatch.chdir(repository(files).root)
    arguments = ["check", *paths]
    plain = run(arguments), capfd.readouterr()
    assert plain == (commands.run(arguments), capfd.readouterr())
    assert plain[1].out or plain[1].err


def test_outside_a_repository_it_says_what_the_command_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert (run(["check"]), capfd.readouterr()) == (commands.run(["check"]), capfd.readouterr())


@pytest.mark.parametrize("option", ["-q", "--", "--no-house-rules"])
@pytest.mark.parametrize("error", [RuntimeError("first\nsecond"), KeyboardInterrupt(), BrokenPipeError(32, "gone")])
def test_what_ends_it_ends_the_command_in_the_same_way(  # noqa: PLR0917
    error: BaseException,
    option: str,
    repository: Callable[..., Repository],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr("tempfile.NamedTemporaryFile", partial(NamedTemporaryFile, dir=tmp_path / "gone"))
    monkeypatch.setattr("mergeflow.cli.checking.find_root", fail)
    monkeypatch.setattr("mergeflow.cli.os.dup2", lambda *_: None)  # or the tests' own output would be gone
    monkeypatch.chdir(repository(GOOD).root)
    monkeypatch.setattr(sys.stdout, "fileno", lambda: 1, raising=False)
    plain = run(["check"])
    told = capsys.readouterr()
    monkeypatch.setattr(sys, "stdout", sys.stdout)  # click hides a broken one behind its own
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    assert plain == run(["check", option])
    assert told.out == ""
    assert told.err.split() == capsys.readouterr().err.split()


@pytest.mark.parametrize(("arguments", "seen"), [(("check",), ""), (("check", A), ""), (("check", "-q"), "click")])
def test_without_an_option_click_is_not_imported(
    arguments: tuple[str, ...], seen: str, repository: Callable[..., Repository]
) -> None:
    told = "print(*{'click'} & {*sys.modules})"
    program = f"import sys; from mergeflow.cli import run; run({list(arguments)}); {told}"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=repository(GOOD).root, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == seen


def test_completing_a_line_is_the_business_of_click(
    repository: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository(GOOD).root)
    monkeypatch.setenv("_MERGEFLOW_COMPLETE", "bash_complete")
    called: list[list[str]] = []
    monkeypatch.setattr(commands, "run", lambda arguments: called.append(arguments) or 0)
    assert run(["check"]) == 0
    assert called == [["check"]]
