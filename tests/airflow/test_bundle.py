import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from mergeflow.airflow import bundle as bundle_module
from mergeflow.airflow.bundle import ConfigBundle
from mergeflow.airflow.stubs import stubs_to_touch

STUBS = {"payments.py", "risk.py", "config_errors.py"}


@pytest.mark.parametrize(
    ("changed", "touched"),
    [
        ([], set()),
        (["README.md", "sdk/mergeflow/files.py", "docs/configs/payments/fx.yaml"], set()),
        (["configs", "dags", ""], set()),
        (["configs/payments/fx.yaml"], {"payments.py", "config_errors.py"}),
        (["configs/payments/deep/er/fx.yaml"], {"payments.py", "config_errors.py"}),
        (["configs/payments/fx.yaml", "configs/risk/fx.yaml"], STUBS),
        (["configs/defaults.yml"], STUBS),
        (["configs/environments/prod.yaml"], STUBS),
        (["configs/templates/hourly.yaml"], STUBS),
        (["configs/nobody/fx.yaml"], STUBS),
        (["validators/policy.yaml"], STUBS),
        (["validators/expectations/fx.json"], STUBS),
        (["dags/callables/payments/fx.py"], {"payments.py", "config_errors.py"}),
        (["dags/scripts/risk/var.sql"], {"risk.py", "config_errors.py"}),
        (["dags/callables/common.py"], STUBS),
        (["dags/lib/common.py"], STUBS),
        (["dags/risk.py"], {"risk.py", "config_errors.py"}),
        (["dags/gone.py"], {"config_errors.py"}),
    ],
)
def test_stubs_to_touch(changed: list[str], touched: set[str]) -> None:
    assert stubs_to_touch(changed, STUBS) == touched


def test_team_named_like_a_shared_folder_is_not_a_team() -> None:
    assert stubs_to_touch(["configs/templates/x.yaml"], {"templates.py", "risk.py"}) == {"templates.py", "risk.py"}


class Repository:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        command = ["git", "-C", str(self.folder), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, files: dict[str, str | None]) -> None:
        for name, text in files.items():
            path = self.folder / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "change")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "origin")
    repository.commit(
        {f"dags/{name}": "" for name in STUBS} | {"configs/payments/fx.yaml": "a", "configs/risk/v.yaml": ""}
    )
    return repository


@pytest.fixture
def bundle(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ConfigBundle:
    monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH", str(tmp_path / "bundles"))
    monkeypatch.setenv("AIRFLOW_CONN_GIT_DEFAULT", json.dumps({"conn_type": "git"}))
    bundle = ConfigBundle(name="b", repo_url=str(repository.folder), tracking_ref="main", subdir="dags")
    bundle.initialize()
    return bundle


def touched_by_refresh(bundle: ConfigBundle) -> set[str]:
    """Refresh, and return the names of the stubs that look newer than before."""
    old = time.time() - 1000
    before = {path: path.stat().st_mtime for path in bundle.path.glob("*.py")}
    for path in before:
        os.utime(path, (old, old))
    # As after a refresh: Git knows these mtimes.
    bundle._clone.settle()
    bundle.refresh()
    return {path.name for path in bundle.path.glob("*.py") if path.stat().st_mtime > old + 1}


def test_nothing_new_touches_nothing(bundle: ConfigBundle) -> None:
    assert touched_by_refresh(bundle) == set()


def test_changed_config_touches_its_stub_once(bundle: ConfigBundle, repository: Repository) -> None:
    repository.commit({"configs/payments/fx.yaml": "b"})
    assert touched_by_refresh(bundle) == {"payments.py", "config_errors.py"}
    mtime = (bundle.path / "payments.py").stat().st_mtime
    bundle.refresh()
    assert (bundle.path / "payments.py").stat().st_mtime == mtime


def test_commit_that_no_stub_reads_touches_nothing(bundle: ConfigBundle, repository: Repository) -> None:
    repository.commit({"README.md": "hello"})
    assert touched_by_refresh(bundle) == set()


def test_move_between_teams_touches_both(bundle: ConfigBundle, repository: Repository) -> None:
    repository.commit({"configs/payments/fx.yaml": None, "configs/risk/fx.yaml": "a"})
    assert touched_by_refresh(bundle) == STUBS


def test_names_that_git_would_quote(bundle: ConfigBundle, repository: Repository) -> None:
    repository.commit({'configs/risk/ü "x"\n.yaml': "a"})
    assert touched_by_refresh(bundle) == {"risk.py", "config_errors.py"}


def test_stub_removed_with_its_config(bundle: ConfigBundle, repository: Repository) -> None:
    repository.commit({"configs/risk/v.yaml": None, "dags/risk.py": None})
    assert "risk.py" not in touched_by_refresh(bundle)


def test_dags_folder_replaced_by_a_file(bundle: ConfigBundle, repository: Repository) -> None:
    repository.commit(dict.fromkeys([f"dags/{name}" for name in STUBS]) | {"configs/risk/v.yaml": "n"})
    (repository.folder / "dags").rmdir() if (repository.folder / "dags").is_dir() else None
    repository.commit({"dags": "a file"})
    assert touched_by_refresh(bundle) == set()


def test_forced_push_whose_base_is_gone_touches_all(
    bundle: ConfigBundle, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit({"README.md": "hello"})
    monkeypatch.setattr(bundle, "_seen", "0" * 40)
    assert touched_by_refresh(bundle) == STUBS


def test_checkout_moved_by_another_process(bundle: ConfigBundle, repository: Repository) -> None:
    repository.commit({"configs/risk/v.yaml": "n"})
    other = ConfigBundle(name="b", repo_url=str(repository.folder), tracking_ref="main", subdir="dags")
    other.initialize()
    assert touched_by_refresh(bundle) == {"risk.py", "config_errors.py"}


def test_parse_that_began_before_the_merge(
    bundle: ConfigBundle, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its end would count as newer than the touch, so the stub is touched again when it is over."""
    parse = subprocess.Popen(["sleep", "60"])
    monkeypatch.setattr(bundle_module, "psutil", FakePsutil(parse.pid))
    try:
        repository.commit({"configs/risk/v.yaml": "n"})
        assert touched_by_refresh(bundle) == {"risk.py", "config_errors.py"}
        assert touched_by_refresh(bundle) == set()
    finally:
        parse.kill()
        parse.wait()
    assert touched_by_refresh(bundle) == {"risk.py", "config_errors.py"}
    assert touched_by_refresh(bundle) == set()


@pytest.mark.usefixtures("bundle")
def test_project_in_a_folder_of_its_repository(repository: Repository) -> None:
    repository.commit({"data/dags/payments.py": "", "data/configs/payments/fx.yaml": ""})
    nested = ConfigBundle(name="n", repo_url=str(repository.folder), tracking_ref="main", subdir="data/dags")
    nested.initialize()
    repository.commit({"configs/payments/fx.yaml": "other"})
    assert touched_by_refresh(nested) == set()
    repository.commit({"data/configs/payments/fx.yaml": "new"})
    assert touched_by_refresh(nested) == {"payments.py"}


class FakePsutil:
    """One child, a real process that ends when the test says so."""

    def __init__(self, pid: int) -> None:
        import psutil

        self.child = psutil.Process(pid)

    def Process(self) -> "FakePsutil":  # noqa: N802 (psutil's name)
        return self

    def children(self) -> list[object]:
        return [self.child]
