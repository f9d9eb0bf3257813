"""A merge waits for the parses that run: their results would count as of its commit."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from mergeflow.airflow.bundle import ConfigBundle
from mergeflow.airflow.bundle import parses as parses_module
from mergeflow.airflow.bundle.parses import Parses
from tests.airflow.bundle.origin import Repository


@pytest.fixture
def parse() -> Iterator[int]:
    """A copy of this process, as Airflow makes one for each parse."""
    pid = os.fork()
    if pid == 0:
        time.sleep(60)
        os._exit(0)
    yield pid
    end(pid)


def end(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    except (ProcessLookupError, ChildProcessError):
        pass


def test_nothing_is_parsed() -> None:
    assert not Parses().hold()


def test_what_git_runs_is_no_parse() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        held = Parses().hold()
        process.kill()
    assert not held


def test_holds_until_airflow_has_taken_the_result(parse: int) -> None:
    parses = Parses()
    assert [parses.hold(), parses.hold()] == [True, True]
    end(parse)
    assert [parses.hold(), parses.hold()] == [True, False]


def test_holds_while_a_parse_that_is_over_has_not_been_looked_at(parse: int) -> None:
    os.kill(parse, signal.SIGKILL)
    os.waitid(os.P_PID, parse, os.WEXITED | os.WNOWAIT)
    assert Parses().hold()


def test_does_not_hold_for_ever(parse: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse
    monkeypatch.setattr(parses_module, "LONGEST", 0.0)
    assert not Parses().hold()


def test_a_merge_is_checked_out_when_the_parses_are_over(
    bundle: ConfigBundle, repository: Repository, parse: int
) -> None:
    before = bundle.get_current_version().version
    repository.commit({"configs/risk/v.yaml": "n"})
    bundle.refresh()
    assert bundle.get_current_version().version == before
    assert (bundle.path.parent / "configs/risk/v.yaml").read_text() != "n"
    end(parse)
    bundle.refresh()
    bundle.refresh()
    assert bundle.get_current_version().version == repository.git("rev-parse", "HEAD")
