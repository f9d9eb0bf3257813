"""What is shown while a command works: nothing without a terminal, nothing for quick work, nothing left behind."""

import subprocess
import sys
import threading
from collections.abc import Callable
from io import StringIO

import pytest

from mergeflow.cli.waiting import PATIENCE, Waiting
from tests.conftest import Repository


class Terminal(StringIO):
    """A standard error whose reader is a person."""

    def isatty(self) -> bool:
        return True


class AtOnce:
    """A timer whose time has come when it is started."""

    def __init__(self, interval: float, function: Callable[[], None]) -> None:
        assert interval == PATIENCE >= 1
        self.start = function

    def cancel(self) -> None: ...
    def join(self) -> None: ...


class Never(AtOnce):
    """A timer whose time never comes."""

    def __init__(self, interval: float, function: Callable[[], None]) -> None:
        super().__init__(interval, function)
        self.start = lambda: None


def terminal_with(timer: type[AtOnce], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Put a terminal in the place of standard error; within a test, because pytest takes it back before each."""
    stream = Terminal()
    monkeypatch.setattr(threading, "Timer", timer)
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    return stream


def test_without_a_terminal_there_is_not_even_a_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", StringIO())
    monkeypatch.setattr(threading, "Timer", None)
    with Waiting("reading") as waiting:
        waiting.now("checking")
    assert isinstance(sys.stderr, StringIO)
    assert sys.stderr.getvalue() == ""


def test_quick_work_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_with(Never, monkeypatch)
    with Waiting("reading") as waiting:
        waiting.now("checking")
    assert terminal.getvalue() == ""


def test_long_work_says_what_is_done_and_wipes_it_away(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_with(AtOnce, monkeypatch)
    with Waiting("reading the configs") as waiting:
        assert "reading the configs" in terminal.getvalue()
        waiting.now("checking them")
    assert "checking them" in terminal.getvalue()
    assert terminal.getvalue().endswith("\x1b[2K"), "the line is erased"


def test_an_error_wipes_it_away_too(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_with(AtOnce, monkeypatch)
    with pytest.raises(ValueError, match="x"), Waiting("reading"):
        raise ValueError("x")
    assert "\x1b[?25h" in terminal.getvalue(), "the cursor is shown again"


def test_a_check_in_a_pipe_loads_no_terminal_library(repository: Callable[..., Repository]) -> None:
    command = "import sys; from mergeflow.cli import run; run(['check']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=repository({}).root, capture_output=True, text=True, check=False
    )
    assert "mergeflow.cli.waiting" in done.stderr.split()
    assert "rich" not in done.stderr.split()
