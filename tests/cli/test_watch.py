"""`mergeflow check --watch`: what it notices, and how it ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from mergeflow.cli.watch import look, rounds
from tests.conftest import Repository, Run

Make = Callable[..., Repository]
Act = Callable[[], object]
A = "configs/team/a.yaml"
E = "airflow.providers.standard.operators.empty.EmptyOperator"
GOOD = f"orders:\n  tasks:\n    load: {{operator: {E}}}\n"
BAD = GOOD.replace("tasks", "taks")
SUMMARY = "1 DAG in 1 file, no problems"


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have things happen in the pauses, one in each, and Ctrl-C in the one after them."""

    def plan(*acts: Act) -> None:
        coming: Iterator[Act] = iter(acts)

        def pause(seconds: float) -> None:
            assert seconds > 0
            act = next(coming, None)
            if act is None:
                raise KeyboardInterrupt
            act()

        monkeypatch.setattr("mergeflow.cli.watch.time", SimpleNamespace(sleep=pause))

    return plan


def touch(path: Path, nanoseconds: int) -> Act:
    return lambda: os.utime(path, ns=(nanoseconds, nanoseconds))


@pytest.mark.parametrize("path", [A, "dags/callables/team/x.py", "validators/rules/x.py", "validators/policy.yaml"])
@pytest.mark.parametrize("act", ["touch", "write", "remove", "new", "rename"])
def test_a_change_is_a_new_round(path: str, act: str, repository: Make, meanwhile: Callable[..., None]) -> None:
    made = repository({path: "a: 1\n"})
    file = made.root / path
    acts: dict[str, Act] = {
        "touch": touch(file, 1),
        "write": lambda: file.write_text("a: 12\n"),
        "remove": file.unlink,
        "new": lambda: file.with_name("new.yaml").write_text(""),
        "rename": lambda: file.rename(file.with_name("new.yaml")),
    }
    meanwhile(lambda: None, acts[act], lambda: None)
    assert numbers(made.root) == [1, 2]


def numbers(root: Path) -> list[int]:
    """The rounds until Ctrl-C."""
    seen: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        any(seen.append(number) for number in rounds(root))  # type: ignore[func-returns-value]
    return seen


@pytest.mark.parametrize("path", ["README.md", "configs/.hidden.yaml", "dags/__pycache__/x.pyc", ".git/index"])
def test_what_is_not_checked_is_not_watched(path: str, repository: Make, meanwhile: Callable[..., None]) -> None:
    made = repository({A: GOOD, path: "1"})
    meanwhile(touch(made.root / path, 1))
    assert numbers(made.root) == [1]


def test_what_changes_while_the_caller_works_is_noticed(repository: Make, meanwhile: Callable[..., None]) -> None:
    made = repository({A: GOOD})
    meanwhile(lambda: None)
    coming = rounds(made.root)
    assert next(coming) == 1
    made.write({A: BAD})
    assert next(coming) == 2


def test_links_that_lead_nowhere_and_folders_that_go_are_survived(repository: Make) -> None:
    made = repository({A: GOOD})
    (made.root / "configs/team/link.yaml").symlink_to("gone.yaml")
    (made.root / "configs/loop").symlink_to("..")
    assert sorted(path.removeprefix(f"{made.root}/") for path in look(made.root)) == [
        "configs/loop",
        A,
        "dags/team.py",
        "validators/catalog.json",
    ]
    assert look(made.root / "nowhere") == {}


def test_a_file_that_vanishes_while_it_is_listed_is_survived(repository: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    made = repository({A: GOOD})
    scandir = os.scandir

    def vanishing(folder: str) -> object:
        found = scandir(folder)
        (made.root / A).unlink(missing_ok=True)
        return found

    monkeypatch.setattr("mergeflow.cli.watch.os.scandir", vanishing)
    assert f"{made.root}/{A}" not in look(made.root)


def test_it_checks_again_after_each_change_until_ctrl_c(
    repository: Make, mergeflow: Run, meanwhile: Callable[..., None]
) -> None:
    made = repository({A: GOOD})
    meanwhile(lambda: None, lambda: made.write({A: BAD}), lambda: made.write({A: GOOD + "\n"}))
    ran = mergeflow("check", "--watch", cwd=made.root)
    assert (ran.code, ran.err.strip()) == (130, "")
    first, second, third = ran.out.split("\n\n", 1)[0], ran.out, ran.out.rsplit("\n\n", 1)[1]
    assert (first, third) == (SUMMARY, f"{SUMMARY}\n")
    assert second.count("unknown key `taks`") == 1
    assert "\x1b" not in ran.out


def test_what_the_user_can_mend_meanwhile_ends_nothing(
    repository: Make, mergeflow: Run, meanwhile: Callable[..., None]
) -> None:
    made = repository({A: GOOD})
    catalog = (made.root / "validators/catalog.json").read_bytes()
    meanwhile(
        lambda: made.write({"validators/catalog.json": "{"}),
        lambda: made.write({"validators/catalog.json": catalog, "validators/rules/x.py": "1/0"}),
        (made.root / A).unlink,
    )
    ran = mergeflow("check", "--watch", A, cwd=made.root)
    assert ran.code == 130
    first, second = ran.err.strip().splitlines()
    assert "validators/catalog.json cannot be read" in first
    assert second == f"mergeflow: {A} does not exist"
    assert "[broken-rule]" in ran.out
    assert "internal error" not in ran.err


def test_on_a_terminal_each_round_begins_with_the_time(
    repository: Make, mergeflow: Run, meanwhile: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = repository({A: GOOD})
    meanwhile(lambda: made.write({A: BAD}))
    cleared: list[int] = []
    monkeypatch.setattr("mergeflow.cli.watch.sys", SimpleNamespace(stdout=SimpleNamespace(isatty=lambda: True)))
    monkeypatch.setattr("mergeflow.cli.watch.click.clear", lambda: cleared.append(1))
    ran = mergeflow("check", "--watch", cwd=made.root)
    assert len(cleared) == 2
    assert len([line for line in ran.out.splitlines() if len(line) == 8 and line.count(":") == 2]) == 2


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_only_text_can_be_watched(form: str, repository: Make, mergeflow: Run) -> None:
    ran = mergeflow("check", "--watch", "--format", form, cwd=repository({A: GOOD}).root)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "mergeflow: --watch is for people to read, so it goes with --format text only\n"


def test_a_process_notices_a_change_and_ends_with_ctrl_c(repository: Make) -> None:
    made = repository({A: GOOD})
    # Whoever runs the tests in the background of a script has Ctrl-C ignored, and so would this process.
    heeding = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    command = [sys.executable, "-u", "-c", f"{heeding}; from mergeflow.cli import main; main()", "check", "--watch"]
    with subprocess.Popen(command, cwd=made.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stderr
            assert process.stdout.readline() == f"{SUMMARY}\n"
            made.write({A: BAD})
            assert process.stdout.readline() == "\n"
            assert "unknown key `taks`" in process.stdout.readline()
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 130
            assert process.stderr.read().strip() == ""
        finally:
            process.kill()
