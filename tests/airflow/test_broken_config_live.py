"""A config that is broken on main, past every hook: nobody else notices, and everybody can read why."""

import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mergeflow.airflow.local.repository import choose
from mergeflow.airflow.local.settings import LocalSettings
from mergeflow.airflow.local.supervisor import LocalAirflow
from tests.services.server import free_port

pytestmark = pytest.mark.live

EMPTY = "airflow.providers.standard.operators.empty.EmptyOperator"
STEADY = f"""
steady:
  schedule: {{__type__: datetime.timedelta, seconds: 2}}
  start_date: 2024-01-01
  catchup: false
  max_active_runs: 1
  tasks:
    run: {{operator: {EMPTY}}}
"""
DAILY = 'daily_{team}:\n  schedule: "@daily"\n  start_date: 2024-01-01\n  tasks:\n    run: {{operator: {operator}}}\n'
BROKEN = DAILY.replace("schedule:", "shedule:")


@dataclass(frozen=True)
class Repository:
    root: Path

    def push(self, files: dict[str, str]) -> None:
        """Commit on main, as somebody does who bypasses the hook."""
        for path, text in files.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(text)
        self._git("add", "--all")
        self._git("-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "-qm", "change", "--no-verify")

    def _git(self, *arguments: str) -> None:
        subprocess.run(["git", "-C", str(self.root), *arguments], check=True, capture_output=True)

    def create(self) -> None:
        self.root.mkdir()
        self._git("init", "-q", "-b", "main")
        stub = 'from mergeflow.airflow import load_dags\n\nload_dags(globals(), "{team}")\n'
        errors = "from mergeflow.airflow import raise_config_errors  # for DAGs\n\nraise_config_errors(globals())\n"
        self.push(
            {
                "configs/fast/steady.yaml": STEADY,
                "configs/slow/daily.yaml": DAILY.format(team="slow", operator=EMPTY),
                "dags/fast.py": stub.format(team="fast"),
                "dags/slow.py": stub.format(team="slow"),
                "dags/config_errors.py": errors,
            }
        )


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    made = Repository(tmp_path_factory.mktemp("broken") / "repository")
    made.create()
    return made


@pytest.fixture(scope="module")
def airflow(repository: Repository, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAirflow]:
    source = choose(repository.root, None, "main")
    with LocalAirflow(LocalSettings(tmp_path_factory.mktemp("state"), source, free_port())) as running:
        running.wait_until_live(["steady", "daily_slow"], timeout=120)
        yield running


def eventually(holds: Callable[[], bool], what: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not after {seconds} s: {what}"
        time.sleep(0.5)


def test_a_broken_config_on_main_costs_nobody_else(airflow: LocalAirflow, repository: Repository) -> None:
    client = airflow.client
    client.unpause("steady")
    eventually(lambda: any(run.state == "success" for run in client.runs("steady")), "the steady DAG runs")

    repository.push({"configs/fast/broken.yaml": BROKEN.format(team="fast", operator=EMPTY)})
    eventually(lambda: bool(client.import_errors()), "the error is shown")
    (error,) = client.import_errors()
    assert error.file.endswith("config_errors.py")
    assert (
        "configs/fast/broken.yaml:2:3: error: unknown key `shedule` in DAG `daily_fast` [unknown-key]\n"
        "  |\n"
        '2 |   shedule: "@daily"\n'
        "  |   ^^^^^^^\n"
        "  = hint: did you mean `schedule`?\n"
    ) in error.text
    assert "Traceback" not in error.text

    before = {run.run_id for run in client.runs("steady")}
    eventually(lambda: len({run.run_id for run in client.runs("steady")} - before) >= 3, "the schedule goes on")
    live = {dag.dag_id: dag for dag in client.dags()}
    assert set(live) == {"steady", "daily_slow"}
    assert not any(dag.stale or dag.import_errors for dag in live.values())

    repository.push({"configs/fast/broken.yaml": DAILY.format(team="fast", operator=EMPTY)})
    eventually(lambda: not client.import_errors(), "the error is gone")
    airflow.wait_until_live(["daily_fast"], timeout=60)
