"""Keep a handful of processes, tell when one of them ends, and leave not one behind.

`mergeflow.airflow.local` runs this file as a script, in a process of its own, with the standard library
alone. Three things ask for that process: it may adopt and reap every orphan without disturbing the program
that uses the supervisor as a library; Ctrl-C in a terminal does not reach it; and its standard input is a
lifeline: when the other end is gone, even by SIGKILL, it stops everything and ends.

Protocol: standard input holds one line of JSON (the fields of `Keeper`), then nothing until it is closed
("stop", gracefully) or says `kill` ("stop at once"). SIGTERM is the same: once, and once more. Standard output
is one line of JSON for each component that ends by itself: `{"died": name, "code": n}`, a negative code being
a signal, and then everything is stopped; or `{"restarted": name, "code": n}` while it has restarts left.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
STDIN = 0
POLL = 0.1  # seconds


class Process(NamedTuple):
    """One line of the process table."""

    pid: int
    parent: int
    group: int


@dataclass(frozen=True)
class Component:
    """One process to keep. With `runs_tasks` it and its tasks end first, while the others still serve.

    `restarts` is how often it is started again when it has ended by itself.
    """

    name: str
    argv: list[str]
    log: str
    runs_tasks: bool = False
    restarts: int = 0


@dataclass
class Keeper:
    """The processes, and how much time they get to end by themselves (`grace`, seconds, for each stage)."""

    components: list[Component]
    environment: dict[str, str]
    folder: str
    grace: float
    pids: dict[int, Component] = field(default_factory=dict)
    told: set[tuple[int, int]] = field(default_factory=set)
    restarted: Counter[str] = field(default_factory=Counter)
    stopping: bool = False
    at_once: bool = False

    def run(self) -> int:
        """Start all, wait for the end of one or of the lifeline, stop all. Return the exit code."""
        try:
            for component in self.components:
                self._start(component)
            return int(self._watch())
        finally:
            self.stopping = True
            self._stop()

    def _start(self, component: Component) -> None:
        with Path(component.log).open("ab" if self.restarted[component.name] else "wb") as log:
            process = subprocess.Popen(
                component.argv,
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 (this process has one thread)
            )
        # From here on `_reap` waits for it, and nothing else may.
        process.returncode = 0
        self.pids[process.pid] = component

    def _watch(self) -> bool:
        while not self.stopping:
            for pid, component, code in self._reap():
                if self.restarted[component.name] >= component.restarts:
                    _tell({"died": component.name, "code": code})
                    return True
                self._restart(pid, component)
                _tell({"restarted": component.name, "code": code})
            self._listen(POLL)
        return False

    def _restart(self, pid: int, component: Component) -> None:
        """Start it again, once the children that it has left behind cannot disturb what comes after it."""
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        self.restarted[component.name] += 1
        self._start(component)

    def _listen(self, timeout: float) -> None:
        """Wait for a word on the lifeline, at most `timeout` seconds."""
        if self.at_once or not select.select([STDIN], [], [], timeout)[0]:
            return
        said = os.read(STDIN, 1024)
        self.stopping = True
        self.at_once = self.at_once or b"kill" in said
        if not said:
            time.sleep(min(timeout, POLL))

    def _reap(self) -> list[tuple[int, Component, int]]:
        """Collect what has ended, adopted orphans too; return the components among them."""
        ended = []
        with suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    break
                if component := self.pids.pop(pid, None):
                    ended.append((pid, component, os.waitstatus_to_exitcode(status)))
        return ended

    def _stop(self) -> None:
        hosts = [pid for pid, component in self.pids.items() if component.runs_tasks]
        _signal(hosts, signal.SIGTERM)
        self._wait(lambda: self._end_tasks(hosts, signal.SIGTERM), hosts, self.grace / 2)
        # An operator that ignores SIGTERM is killed while the API can still be told that its task failed.
        self._wait(lambda: self._end_tasks(hosts, signal.SIGKILL), hosts, self.grace / 2)
        rest = list(self.pids)
        _signal(rest, signal.SIGTERM)
        # The triggerer would wait ten seconds for a child that has ended; with the tasks gone, nobody needs to.
        self._wait(lambda: None, rest, self.grace / 2)
        self._kill()

    def _wait(self, each_time: Callable[[], None], pids: list[int], seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self.at_once and time.monotonic() < end:
            self._reap()
            if not any(pid in self.pids for pid in pids):
                return
            each_time()
            self._listen(POLL)

    def _end_tasks(self, hosts: list[int], number: signal.Signals) -> None:
        """Signal the tasks, each once: children of the hosts' process groups that lead a group of their own."""
        processes = descendants(os.getpid())
        groups = {process.pid: process.group for process in processes}
        for process in processes:
            known = (process.pid, number) in self.told
            if process.pid == process.group and groups.get(process.parent) in hosts and not known:
                self.told.add((process.pid, number))
                with suppress(ProcessLookupError):
                    os.killpg(process.group, number)

    def _kill(self) -> None:
        """SIGKILL whatever is left, wherever it has moved to; being the subreaper, all of it is below us."""
        end = time.monotonic() + self.grace
        while time.monotonic() < end:
            self._reap()
            left = [process.pid for process in descendants(os.getpid())]
            if not left:
                return
            _signal(left, signal.SIGKILL)
            time.sleep(POLL / 5)


def descendants(ancestor: int) -> list[Process]:
    """Return all processes below `ancestor` that have not ended."""
    children: dict[int, list[Process]] = {}
    for process in _process_table():
        children.setdefault(process.parent, []).append(process)
    found: list[Process] = []
    below = [ancestor]
    while below:
        generation = children.get(below.pop(), [])
        found += generation
        below += [process.pid for process in generation]
    return found


def _process_table() -> list[Process]:
    if not Path("/proc/self/stat").exists():
        return _process_table_of_ps()
    table = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                # The second field is the name, in parentheses, and may itself hold spaces and parentheses.
                state, parent, group = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[:3]
                if state not in "ZX":
                    table.append(Process(int(folder.name), int(parent), int(group)))
    return table


def _process_table_of_ps() -> list[Process]:
    command = ["ps", "-axo", "pid=,ppid=,pgid=,stat="]
    lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    rows = [line.split() for line in lines]
    return [Process(int(r[0]), int(r[1]), int(r[2])) for r in rows if len(r) == 4 and "Z" not in r[3]]


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _end_with_parent() -> None:
    # Should this process itself be killed, its components are at least asked to end.
    _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _tell(event: dict[str, object]) -> None:
    # Nobody may be left to listen; there is still everything to stop.
    with suppress(OSError):
        os.write(1, json.dumps(event).encode() + b"\n")


def main() -> int:
    """Read the plan from standard input and keep its processes."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(STDIN, 1)
        if not byte:
            return 0
        line += byte
    plan = json.loads(line)
    components = [Component(**component) for component in plan.pop("components")]
    keeper = Keeper(components, **plan)

    def stop(*_: object) -> None:
        # Asked while it is stopping already: at once, then.
        keeper.at_once = keeper.stopping
        keeper.stopping = True

    signal.signal(signal.SIGTERM, stop)
    return keeper.run()


if __name__ == "__main__":
    sys.exit(main())
