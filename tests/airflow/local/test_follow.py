import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mergeflow.airflow.client import AirflowError, Dag, ImportProblem
from mergeflow.airflow.local import follow
from mergeflow.airflow.local.follow import Follower, wait_until_settled
from mergeflow.airflow.local.repository import choose


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", name)
    return git(folder, "rev-parse", "HEAD")


def dag(dag_id: str, file: str, at: str) -> Dag:
    return Dag(dag_id, True, False, file, at, ("o",), None, "2026-01-01T00:00:00Z", False)  # noqa: FBT003


@dataclass
class FakeAirflow:
    """What Airflow has, as the test says."""

    settings: Any
    dags: list[Dag] = field(default_factory=list)
    problems: list[ImportProblem] = field(default_factory=list)
    started: None = None

    @property
    def client(self) -> Any:
        return SimpleNamespace(import_errors=lambda: self.problems)

    def fresh_dags(self) -> list[Dag]:
        return self.dags

    def check(self) -> None:
        pass

    def wait_until_up(self, timeout: float) -> None:
        del timeout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", "-b", "main", str(tmp_path)], check=True)
    commit(tmp_path, "dags/payments.py", "")
    commit(tmp_path, "dags/risk.py", "")
    commit(tmp_path, "dags/config_errors.py", "")
    return tmp_path


@pytest.fixture
def airflow(repository: Path) -> Any:
    return FakeAirflow(SimpleNamespace(source=choose(repository, None, "main"), bundles=repository / "bundles"))


def test_nothing_new(airflow: Any) -> None:
    assert Follower(airflow).look() is None


def test_commit_that_airflow_does_not_read(airflow: Any, repository: Path) -> None:
    follower = Follower(airflow)
    commit(repository, "README.md", "x")
    merge = follower.look()
    assert merge is not None
    assert (merge.files, merge.late) == ((), False)
    assert follower.look() is None


def test_live_when_every_dag_of_the_changed_files_is(airflow: Any, repository: Path) -> None:
    follower = Follower(airflow)
    now = commit(repository, "configs/payments/fx.yaml", "x")
    airflow.dags = [
        dag("fx", "payments.py", "before"),
        dag("gold", "payments.py", now),
        dag("var", "risk.py", "before"),
    ]
    assert follower.look() is None
    airflow.dags[0] = dag("fx", "payments.py", now)
    merge = follower.look()
    assert merge is not None
    assert merge.commit == now
    assert merge.files == ("config_errors.py", "payments.py")
    assert [live.dag_id for live in merge.live.dags] == ["fx", "gold"]
    assert follower.look() is None


def test_second_commit_while_the_first_is_awaited(airflow: Any, repository: Path) -> None:
    follower = Follower(airflow)
    before = git(repository, "rev-parse", "HEAD")
    first = commit(repository, "configs/payments/fx.yaml", "x")
    assert follower.look() is None
    commit(repository, "README.md", "x")
    airflow.dags = [dag("fx", "payments.py", before)]
    assert follower.look() is None
    # The second commit makes nobody parse anew, so this is as far as the DAG will get.
    airflow.dags = [dag("fx", "payments.py", first)]
    merge = follower.look()
    assert merge is not None
    assert "payments.py" in merge.files


def test_file_without_dags_is_live_after_a_while(
    airflow: Any, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower = Follower(airflow)
    commit(repository, "configs/payments/fx.yaml", "x")
    assert follower.look() is None
    monkeypatch.setattr(follow, "QUIET", 0.0)
    merge = follower.look()
    assert merge is not None
    assert not merge.late


def test_commit_that_never_becomes_live(airflow: Any, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    follower = Follower(airflow)
    commit(repository, "configs/payments/fx.yaml", "x")
    airflow.dags = [dag("fx", "payments.py", "before")]
    monkeypatch.setattr(follow, "LATE", 0.0)
    merge = follower.look()
    assert merge is not None
    assert merge.late


def test_airflow_too_busy_to_answer(airflow: Any, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    follower = Follower(airflow)
    commit(repository, "configs/payments/fx.yaml", "x")

    def busy() -> list[Dag]:
        raise AirflowError("did not answer")

    monkeypatch.setattr(airflow, "fresh_dags", busy)
    assert follower.look() is None


def test_settled_when_each_file_has_dags_or_an_error(airflow: Any) -> None:
    airflow.dags = [dag("fx", "payments.py", "c")]
    airflow.problems = [ImportProblem("risk.py", "boom", None)]
    assert [problem.file for problem in wait_until_settled(airflow).problems] == ["risk.py"]


def test_settled_by_silence(airflow: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "QUIET", 0.3)
    assert wait_until_settled(airflow).dags == ()
