"""The demo does what the README shows, says what failed when it does not, and leaves nothing behind."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.demo import __main__ as demo
from tests.demo.steps import Failed, Steps

ROOT = Path(__file__).resolve().parents[2]


def test_a_step_that_fails_is_named_with_the_log_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        with Steps().step("merge"):
            raise Failed("git said no", "the end of a log")

    monkeypatch.setattr(demo, "demonstrate", fail)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert demo.main() == 1
    out, err = capsys.readouterr()
    assert re.search(r"^ 1  merge +FAILED$", out, re.MULTILINE)
    assert err == "\ngit said no\nthe end of a log\n"


@pytest.mark.live
def test_the_demo_ends_well_and_leaves_nothing_behind(tmp_path: Path) -> None:
    before = _git_status()
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.demo"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    steps = re.findall(r"^ ?(\d+)  (\S.*?)  ", done.stdout, re.MULTILINE)
    assert [name.strip() for _, name in steps] == [
        "check", "airflow", "pull request", "pull request", "merge", "live", "run",
    ]  # fmt: skip
    assert "error: unknown key `retires` in task `generate` [unknown-key]" in done.stdout
    said = re.search(r"(\d+) transactions, (\d+) expectations held, (\d+) labels", done.stdout)
    assert said
    transactions, held, labels = said.groups()
    assert int(transactions) >= 50
    assert int(held) >= 10
    assert transactions == labels
    assert list(tmp_path.iterdir()) == []
    assert _git_status() == before
    assert tempfile.gettempdir() not in done.stdout


def _git_status() -> str:
    return subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
