import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mergeflow.airflow.local import kept as kept_module
from mergeflow.airflow.local import state
from mergeflow.airflow.local.keeper import Component, descendants
from mergeflow.airflow.local.kept import Kept
from mergeflow.airflow.local.repository import Source
from mergeflow.airflow.local.settings import LocalSettings
from mergeflow.airflow.local.supervisor import LocalAirflow, LocalAirflowError, PortTakenError, check_port
from tests.services.server import free_port

WAIT = 60.0  # seconds

PID = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
SLEEP = "import time; time.sleep(600)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); {SLEEP}"
# A process that leaves its group, its session and its parent, and is deaf as well.
ESCAPED = f"""
import os, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open(sys.argv[1], "w").write(str(os.getpid()))
        {DEAF.replace("; ", "; ")}
    os._exit(0)
{SLEEP}
"""
# As the LocalExecutor does it: host -> worker in its group -> task leading a group. The task tells how it ended.
HOST_OF_TASK = f"""
import os, signal, sys, time
if os.fork() == 0:
    task = os.fork()
    if task == 0:
        os.setpgid(0, 0)
        def ended(*_):
            open(sys.argv[1] + ".ended", "w").write("asked")
            os._exit(3)
        signal.signal(signal.SIGTERM, ended)
        open(sys.argv[1], "w").write(str(os.getpid()))
        {SLEEP}
    os.waitpid(task, 0)
    os._exit(0)
def stop(*_):
    os.wait()
    os._exit(0)
signal.signal(signal.SIGTERM, stop)
{SLEEP}
"""


def settings(tmp_path: Path, port: int = 0) -> LocalSettings:
    return LocalSettings(tmp_path / "state", Source(str(tmp_path)), port or free_port())


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-S", "-c", code, *arguments]


Keep = Callable[..., Kept]


@pytest.fixture
def keep(tmp_path: Path) -> Iterator[Keep]:
    """Start components by name and argv; the one called scheduler runs tasks."""
    started: list[Kept] = []

    def keep(grace: float = 20.0, restarts: int = 0, **commands: list[str]) -> Kept:
        components = [
            Component(name, argv, str(tmp_path / f"{name}.log"), name == "scheduler", restarts)
            for name, argv in commands.items()
        ]
        started.append(Kept(components, dict(os.environ), tmp_path, grace=grace))
        return started[-1]

    yield keep
    for kept in started:
        kept.stop(at_once=True)


def eventually(what: Callable[[], object]) -> None:
    end = time.monotonic() + WAIT
    while not what():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def below(kept: Kept) -> list[int]:
    return [process.pid for process in descendants(kept._keeper.pid)]


def log_of(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def read_pid(file: Path) -> int:
    eventually(lambda: file.exists() and file.read_text())
    return int(file.read_text())


def test_stops_what_it_started(keep: Keep) -> None:
    kept = keep(a=python(SLEEP), b=python(SLEEP))
    eventually(lambda: len(below(kept)) == 2)
    pids = below(kept)
    assert kept.ended() is None
    kept.stop()
    assert not any(map(alive, pids))


def test_component_that_ends_is_told_with_its_log(keep: Keep) -> None:
    kept = keep(good=python(SLEEP), bad=python("print('no licence'); raise SystemExit(3)"))
    told: list[str] = []
    eventually(lambda: told or told.extend(filter(None, [kept.ended()])) or told)
    assert "bad ended with exit code 3" in told[0]
    assert told[0].endswith("no licence")
    # The others are stopped even if nobody asks.
    eventually(lambda: not below(kept))
    kept.stop()


def test_component_killed_by_a_signal(keep: Keep) -> None:
    kept = keep(bad=python("import os; os.kill(os.getpid(), 11)"))
    told: list[str] = []
    eventually(lambda: told or told.extend(filter(None, [kept.ended()])) or told)
    assert "bad was killed by signal 11" in told[0]
    kept.stop()


def test_component_that_may_begin_anew(tmp_path: Path, keep: Keep) -> None:
    said: list[str] = []
    kept = keep(host=python(PID), restarts=1)
    first = read_pid(tmp_path / "host.log")
    os.kill(first, signal.SIGKILL)
    eventually(lambda: kept.ended(said.append) or said)
    assert said == ["host was killed by signal 9, and is started again"]
    eventually(lambda: len(log_of(tmp_path / "host.log").split()) == 2)  # the log goes on where it was
    second = int(log_of(tmp_path / "host.log").split()[1])
    assert alive(second)
    os.kill(second, signal.SIGKILL)
    told: list[str] = []
    eventually(lambda: told or told.extend(filter(None, [kept.ended()])) or told)
    assert "host was killed by signal 9, and its log" in told[0]
    eventually(lambda: not below(kept))


def test_children_of_a_killed_component_end_before_it_begins_anew(tmp_path: Path, keep: Keep) -> None:
    child = f"import os\nif os.fork() == 0:\n    {SLEEP}\n{PID}"
    kept = keep(host=python(child), restarts=1)
    first = read_pid(tmp_path / "host.log")
    eventually(lambda: len(below(kept)) == 2)
    before = set(below(kept))
    os.kill(first, signal.SIGKILL)
    eventually(lambda: len(log_of(tmp_path / "host.log").split()) == 2)
    eventually(lambda: not any(map(alive, before)))


def test_component_that_ignores_sigterm(tmp_path: Path, keep: Keep) -> None:
    kept = keep(grace=1.0, deaf=python(DEAF))
    eventually(lambda: log_of(tmp_path / "deaf.log"))
    (pid,) = below(kept)
    begun = time.monotonic()
    kept.stop()
    assert not alive(pid)
    assert time.monotonic() - begun < 15


def test_process_that_escaped_from_group_session_and_parent(tmp_path: Path, keep: Keep) -> None:
    kept = keep(grace=1.0, host=python(ESCAPED, str(tmp_path / "pid")))
    pid = read_pid(tmp_path / "pid")
    kept.stop()
    assert not alive(pid)


def test_task_is_asked_before_its_host(tmp_path: Path, keep: Keep) -> None:
    kept = keep(scheduler=python(HOST_OF_TASK, str(tmp_path / "pid")))
    pid = read_pid(tmp_path / "pid")
    kept.stop()
    assert not alive(pid)
    assert (tmp_path / "pid.ended").read_text() == "asked"


def test_parent_killed(tmp_path: Path) -> None:
    """SIGKILL leaves a program no last word, so the keeper must notice by itself."""
    code = f"""
import sys, time; sys.path[:0] = {sys.path!r}
from pathlib import Path
from mergeflow.airflow.local.keeper import Component
from mergeflow.airflow.local.kept import Kept
argv = [sys.executable, "-S", "-c", {ESCAPED!r}, {str(tmp_path / "pid")!r}]
Kept([Component("x", argv, {str(tmp_path / "x.log")!r})], {{}},
     Path({str(tmp_path)!r}), grace=1.0)
time.sleep(600)
"""
    parent = subprocess.Popen([sys.executable, "-c", code])
    pid = read_pid(tmp_path / "pid")
    eventually(lambda: len(descendants(parent.pid)) == 3)
    family = [process.pid for process in descendants(parent.pid)]
    parent.kill()
    parent.wait()
    eventually(lambda: not any(map(alive, [pid, *family])))


def test_keeper_killed(keep: Keep) -> None:
    kept = keep(a=python(SLEEP))
    eventually(lambda: below(kept) != [])
    (pid,) = below(kept)
    kept._keeper.kill()
    eventually(lambda: not alive(pid))
    assert kept.ended() == "the process that keeps Airflow's components has ended"
    kept.stop()


def test_no_patience(tmp_path: Path, keep: Keep) -> None:
    kept = keep(grace=30.0, deaf=python(DEAF))
    eventually(lambda: log_of(tmp_path / "deaf.log"))
    begun = time.monotonic()
    kept.stop(at_once=True)
    assert time.monotonic() - begun < 15


def test_interrupted_while_stopping(tmp_path: Path, keep: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = keep(grace=30.0, deaf=python(DEAF))
    eventually(lambda: log_of(tmp_path / "deaf.log"))
    (pid,) = below(kept)
    patience = iter([1.0])
    wait = kept._keeper.wait

    def impatient(timeout: float | None = None) -> int:
        for seconds in patience:
            time.sleep(seconds)
            raise KeyboardInterrupt
        return wait(timeout)

    monkeypatch.setattr(kept._keeper, "wait", impatient)
    with pytest.raises(KeyboardInterrupt):
        kept.stop()
    assert not alive(pid)


def test_port_taken(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        airflow = LocalAirflow(settings(tmp_path, port), components={"x": python(SLEEP)})
        with pytest.raises(PortTakenError, match=f"port {port} is taken: choose another with --port"):
            airflow.start()
    check_port(port)


def test_second_user_of_a_state_folder(tmp_path: Path) -> None:
    first = LocalAirflow(settings(tmp_path), components={"x": python(SLEEP)})
    with first, pytest.raises(state.StateInUseError, match=f"is in use .* \\(process {os.getpid()}\\)"):
        LocalAirflow(settings(tmp_path), components={"x": python(SLEEP)}).start()
    with LocalAirflow(settings(tmp_path), components={"x": python(SLEEP)}):
        pass


def test_component_that_ends_while_waiting(tmp_path: Path) -> None:
    broken = python("print('cannot bind'); raise SystemExit(1)")
    with (
        LocalAirflow(settings(tmp_path), components={"api-server": broken}) as airflow,
        pytest.raises(LocalAirflowError, match="api-server ended with exit code 1") as caught,
    ):
        airflow.wait_until_up(timeout=WAIT)
    assert "cannot bind" in str(caught.value)


def test_what_runs_beside_airflow_starts_and_ends_with_it(tmp_path: Path) -> None:
    local = settings(tmp_path)
    with LocalAirflow(local, components={"x": python(SLEEP)}, beside={"site": python(PID)}) as airflow:
        log = local.logs / "site.log"
        eventually(lambda: log.exists() and log.read_text().endswith("\n"))
        airflow.check()
        pid = int(log.read_text())
        assert alive(pid)
    assert not alive(pid)


def test_client_before_the_start(tmp_path: Path) -> None:
    with pytest.raises(LocalAirflowError, match="is not started"):
        _ = LocalAirflow(settings(tmp_path)).client


def test_components_get_the_environment(tmp_path: Path) -> None:
    show = python("import os, json, time; print(json.dumps(dict(os.environ)), flush=True); time.sleep(600)")
    local = settings(tmp_path)
    with LocalAirflow(local, components={"x": show}):
        log = local.logs / "x.log"
        eventually(lambda: log.exists() and log.read_text().endswith("}\n"))
        assert json.loads(log.read_text())["AIRFLOW_HOME"] == str(local.home)


def test_keeper_survives_ctrl_c_of_the_terminal(keep: Keep) -> None:
    kept = keep(a=python(SLEEP))
    eventually(lambda: below(kept) != [])
    os.kill(kept._keeper.pid, signal.SIGINT)
    time.sleep(0.3)
    assert kept.ended() is None
    kept.stop()


def test_grace_is_bounded() -> None:
    assert kept_module.GRACE <= 10
