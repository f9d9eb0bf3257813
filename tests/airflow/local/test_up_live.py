"""`mergeflow up` for real: one Airflow for the whole file, and its tests in order, the last one stops it."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from mergeflow.airflow.client import AirflowClient
from mergeflow.airflow.local.keeper import descendants

pytestmark = [pytest.mark.live, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]

WAIT = 150.0  # seconds, on a machine that does other things too
LISTEN = "0A"

# What a stub does, without Mergeflow's own loader: one DAG for each file of its team.
STUB = """
from datetime import datetime
from pathlib import Path

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

for file in sorted((Path(__file__).parent.parent / "configs" / Path(__file__).stem).glob("*.yaml")):
    with DAG(file.stem, schedule=None, start_date=datetime(2026, 1, 1), default_args={"owner": "payments"}) as dag:
        BashOperator(task_id="task", bash_command=file.read_text())
    globals()[file.stem] = dag
"""


@dataclass(frozen=True)
class Up:
    """A running `mergeflow up`."""

    process: subprocess.Popen[bytes]
    repository: Path
    state: Path
    port: int
    output: Path

    @property
    def client(self) -> AirflowClient:
        password = json.loads((self.state / "passwords.json").read_text())["admin"]
        return AirflowClient(f"http://127.0.0.1:{self.port}", "admin", password)

    def pids(self) -> set[int]:
        return {process.pid for process in descendants(self.process.pid)} | {self.process.pid}

    def wait(self, what: Callable[[], object], timeout: float = WAIT) -> float:
        """Wait for it and return the seconds that it took."""
        begun = time.monotonic()
        while not what():
            said = self.output.read_text()
            assert self.process.poll() is None, said
            assert time.monotonic() - begun < timeout, said
            time.sleep(0.1)
        return time.monotonic() - begun

    def said(self, text: str) -> bool:
        return text in self.output.read_text()


def commit(repository: Path, name: str, text: str) -> None:
    path = repository / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", f"change {name}")


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True)


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    folder = tmp_path_factory.mktemp("up")
    repository = folder / "repository"
    repository.mkdir()
    git(repository, "init", "-q", "-b", "main")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", "from mergeflow.cli import main; main()", "up", "--port", str(port)]
    output = folder / "output"
    commit(repository, "dags/payments.py", STUB)
    commit(repository, "configs/payments/quick.yaml", "echo hello from $TRANSACTIONS")
    commit(repository, "configs/payments/sleepy.yaml", "sleep 613")
    commit(repository, ".gitignore", ".mergeflow/\n")
    environment = {**os.environ, "TRANSACTIONS": "here", "NO_COLOR": "1"}
    with output.open("wb") as stream:
        process = subprocess.Popen(command, cwd=repository, stdout=stream, stderr=subprocess.STDOUT, env=environment)
    up = Up(process, repository, repository / ".mergeflow", port, output)
    try:
        up.wait(lambda: up.said("Ctrl-C stops it"))
        yield up
    finally:
        if up.process.poll() is None:
            up.process.terminate()
            up.process.wait(60)


def test_status_finds_it_without_any_option(up: Up) -> None:
    command = [sys.executable, "-c", "from mergeflow.cli import main; main()", "status"]
    done = subprocess.run(command, cwd=up.repository, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert f" at http://127.0.0.1:{up.port} runs " in done.stdout
    assert "Orphan         2   quick   not in Git; from payments.py at " in done.stdout  # its configs define no DAGs


def test_says_what_is_live(up: Up) -> None:
    said = up.output.read_text()
    assert f"Airflow is up on http://127.0.0.1:{up.port}" in said
    assert "user admin, password in .mergeflow/passwords.json" in said
    rows = [line.split() for line in said.splitlines()]
    assert ["quick", "-", "yes", "payments.py", "payments"] in rows
    assert "\x1b" not in said
    assert str(up.client.version()).startswith("3.")


def test_nothing_listens_beyond_this_machine(up: Up) -> None:
    assert listening(up.pids()) == {("127.0.0.1", up.port)}


def test_second_up_on_the_same_state_is_refused(up: Up) -> None:
    command = [sys.executable, "-c", "from mergeflow.cli import main; main()", "up", "--port", "1024"]
    done = subprocess.run(command, cwd=up.repository, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"is in use by another mergeflow (process {up.process.pid})" in done.stderr


def test_merge_is_live_in_seconds(up: Up) -> None:
    commit(up.repository, "configs/payments/fresh.yaml", "echo fresh")
    seconds = up.wait(lambda: "fresh" in [dag.dag_id for dag in up.client.dags()])
    up.wait(lambda: up.said("3 DAGs in payments.py\n  + fresh\n"))
    # Far below `min_file_process_interval`, which is an hour.
    assert seconds < WAIT


def test_commit_that_changes_no_dag(up: Up) -> None:
    commit(up.repository, "README.md", "hello")
    up.wait(lambda: up.said("changes nothing that Airflow reads"))


def test_run(up: Up) -> None:
    run = up.client.trigger("quick", unpause=True)
    assert up.client.wait_for_run("quick", run.run_id, timeout=WAIT).state == "success"
    assert [task.state for task in up.client.tasks("quick", run.run_id)] == ["success"]
    assert "hello from here" in up.client.logs("quick", run.run_id, "task")


def test_termination_leaves_nothing(up: Up) -> None:
    run = up.client.trigger("sleepy", unpause=True)
    up.wait(lambda: any(command(pid) == ["sleep", "613"] for pid in up.pids()))
    pids = up.pids()
    up.process.send_signal(signal.SIGTERM)
    assert up.process.wait(60) == 0, up.output.read_text()
    assert [pid for pid in pids if command(pid)] == []
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", up.port)) != 0
    assert up.output.read_text().endswith("stopping\nstopped\n")
    # The API was still there to hear that the task ended, so the next start finds no task that never ends.
    database = sqlite3.connect(up.state / "airflow" / "airflow.db")
    rows = database.execute("SELECT state FROM task_instance WHERE run_id = ?", [run.run_id]).fetchall()
    database.close()
    assert rows == [("failed",)]


def command(pid: int) -> list[str]:
    """Return a process' arguments; none when it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1]
    return []


def listening(pids: set[int]) -> set[tuple[str, int]]:
    """Return the addresses and ports that these processes accept connections on."""
    inodes = set()
    for pid in pids:
        with suppress(OSError):
            for link in Path(f"/proc/{pid}/fd").iterdir():
                with suppress(OSError):
                    inodes.add(str(link.readlink()).removeprefix("socket:[").removesuffix("]"))
    found = set()
    for family, table in ((socket.AF_INET, "tcp"), (socket.AF_INET6, "tcp6")):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTEN and fields[9] in inodes:
                address, _, port = fields[1].partition(":")
                # The kernel writes each 32-bit word in the machine's own byte order.
                words = [bytes.fromhex(address[i : i + 8]) for i in range(0, len(address), 8)]
                raw = b"".join(word[::-1] if sys.byteorder == "little" else word for word in words)
                found.add((socket.inet_ntop(family, raw), int(port, 16)))
    return found
