"""The bundle notes each file's last commit, which the docs of DAGs name."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mergeflow.airflow.bundle import ConfigBundle
from mergeflow.airflow.bundle import touched as touched_module
from mergeflow.airflow.history import NO_HISTORY, NOTES, noted
from tests.airflow.bundle.origin import Follower, Repository

FX, VALUES = "configs/payments/fx.yaml", "configs/risk/v.yaml"


def test_the_last_commits_are_noted_before_a_stub_is_touched(
    bundle: ConfigBundle, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = repository.git("rev-parse", "HEAD")
    assert (noted(bundle.repo_path).commit_of(FX), noted(bundle.repo_path).commit_of(VALUES)) == (first, first)
    at_each_touch: list[str] = []

    def touch(path: Path, mtime: float, then: Callable[[Path, float], None] = touched_module._set_mtime) -> None:
        at_each_touch.append(noted(bundle.repo_path).commit_of(FX))
        then(path, mtime)

    monkeypatch.setattr(touched_module, "_set_mtime", touch)
    second = repository.commit({FX: "b"})
    bundle.refresh()
    assert set(at_each_touch) == {second}
    assert noted(bundle.repo_path).commit_of(VALUES) == first


def test_a_version_has_no_notes(bundle: ConfigBundle, follower: Follower) -> None:
    version = follower.started(version=bundle.get_current_version().version)
    assert (version.path / "payments.py").exists()
    assert noted(version.repo_path) == NO_HISTORY


def test_a_project_in_a_folder_and_a_remote_with_a_password(
    follower: Follower, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = repository.commit({f"data/{FX}": "a", "data/dags/payments.py": ""})
    bundle = follower.bundle(subdir="data/dags")
    folder = str(repository.folder)
    monkeypatch.setattr(bundle._remote.configured, "repo_url", "https://ada:s3cr3t@github.com/shop/configs.git")
    with monkeypatch.context() as patch:
        patch.setenv("GIT_CONFIG_COUNT", "1")
        patch.setenv("GIT_CONFIG_KEY_0", f"url.{folder}.insteadOf")
        patch.setenv("GIT_CONFIG_VALUE_0", "https://ada:s3cr3t@github.com/shop/configs.git")
        bundle.initialize()
    found = noted(bundle.path.parent)
    assert (found.remote, found.folder, found.commit_of(FX)) == (("github.com", "shop/configs"), "data/", commit)


def test_without_the_remote_what_is_on_disk_is_noted(
    bundle: ConfigBundle, follower: Follower, repository: Repository
) -> None:
    commit = repository.git("rev-parse", "HEAD")
    (bundle.repo_path / ".git" / NOTES).unlink()
    repository.folder.rename(repository.folder.with_name("away"))
    assert noted(follower.started().repo_path).commit_of(FX) == commit
