"""What a worker is given: the files of the commit that its run is pinned to."""

import os
import shutil
import subprocess
import time
from types import SimpleNamespace

import pytest
from airflow.providers.git.bundles.git import GitDagBundle

from mergeflow.airflow import git as git_module
from mergeflow.airflow.bundle import ConfigBundle
from mergeflow.airflow.bundle import pinned as pinned_module
from tests.airflow.bundle.origin import Follower, Logged, Repository, config, in_child


def refuse(*_: object, **__: object) -> None:
    raise AssertionError("not needed")


def away(repository: Repository) -> None:
    repository.folder.rename(repository.folder.with_name("away"))


def test_version_on_disk_needs_neither_git_nor_the_connection(
    bundle: ConfigBundle, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = bundle.get_current_version().version
    follower.started(version=version)
    monkeypatch.setattr(git_module.subprocess, "Popen", refuse)
    monkeypatch.setattr(GitDagBundle, "__init__", refuse)
    with bundle.lock():  # the dag-processor may be fetching
        worker = follower.started(version=version)
    assert config(worker) == "a"
    assert worker.get_current_version().version == version
    assert worker.path == follower.storage / "versions" / version / "dags"


def test_version_stays_when_the_branch_moves(bundle: ConfigBundle, follower: Follower, repository: Repository) -> None:
    version = bundle.get_current_version().version
    repository.commit({"configs/payments/fx.yaml": "b"})
    bundle.refresh()
    assert config(follower.started(version=version)) == "a"
    assert config(bundle) == "b"


def test_version_of_what_was_fetched_needs_no_remote(
    bundle: ConfigBundle, follower: Follower, repository: Repository
) -> None:
    version = bundle.get_current_version().version
    away(repository)
    assert config(follower.started(version=version)) == "a"


def test_version_that_a_forced_push_has_cut_off(
    bundle: ConfigBundle, follower: Follower, repository: Repository
) -> None:
    version = bundle.get_current_version().version
    repository.force({"configs/payments/fx.yaml": "rebased"})
    bundle.refresh()
    assert config(follower.started(version=version)) == "a"


@pytest.mark.parametrize("ahead", [True, False])
def test_version_that_is_not_here_is_fetched(follower: Follower, repository: Repository, *, ahead: bool) -> None:
    if ahead:
        follower.started()
    repository.git("checkout", "-q", "-b", "side")
    side = repository.commit({"configs/payments/fx.yaml": "side"})
    repository.git("checkout", "-q", "main")
    tip = repository.commit({"configs/payments/fx.yaml": "tip"})
    assert config(follower.started(version=tip)) == "tip"
    assert config(follower.started(version=side)) == "side"


def test_version_that_must_be_fetched_waits_for_the_remote(
    bundle: ConfigBundle,
    follower: Follower,
    repository: Repository,
    logged: Logged,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where a worker has a clone of its own, the first task of a commit must not fail for a short absence."""
    tip = repository.commit({"configs/payments/fx.yaml": "b"})
    elsewhere = repository.folder.rename(repository.folder.with_name("away"))
    naps = []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 3:
            elsewhere.rename(repository.folder)

    monkeypatch.setattr(pinned_module, "time", SimpleNamespace(sleep=sleep, monotonic=time.monotonic))
    assert config(follower.started(version=tip)) == "b"
    assert len(naps) == 3
    assert len(logged.errors) == 1
    assert config(bundle) == "a"


def test_version_that_is_nowhere(
    bundle: ConfigBundle, follower: Follower, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pinned_module, "WAIT", -1)
    nowhere = "0123456789" * 4
    with pytest.raises(RuntimeError, match=f"bundle b has no version {nowhere}"):
        follower.started(version=nowhere)
    away(repository)
    with pytest.raises(RuntimeError, match=f"bundle b has no version {nowhere}: .*does not appear to be a git repo"):
        follower.started(version=nowhere)
    assert not (bundle.base_dir / "versions" / nowhere).exists()
    assert config(bundle) == "a"


def test_version_that_was_left_half_made(bundle: ConfigBundle, follower: Follower) -> None:
    version = bundle.get_current_version().version
    folder = follower.storage / "versions" / version
    subprocess.run(["git", "clone", "-q", "--no-checkout", follower.storage / "bare", folder], check=True)
    worker = follower.started(version=version)
    assert config(worker) == "a"
    assert not (folder / ".git").exists()


def test_workers_that_make_the_same_version_at_once(bundle: ConfigBundle, follower: Follower) -> None:
    version = bundle.get_current_version().version
    children = [in_child(lambda: config(follower.started(version=version))) for _ in range(4)]
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 4
    assert config(follower.started(version=version)) == "a"
    assert list(follower.storage.glob("making-*")) == []


def test_version_is_never_refreshed(bundle: ConfigBundle, follower: Follower) -> None:
    worker = follower.started(version=bundle.get_current_version().version)
    with pytest.raises(RuntimeError, match="cannot be refreshed"):
        worker.refresh()


def test_address_of_files_is_airflows(follower: Follower) -> None:
    bundle = follower.bundle(repo_url="https://user:secret@github.com/owner/repo.git")
    assert bundle.view_url_template() == "https://github.com/owner/repo/tree/{version}/dags"
    assert bundle.subdir == "dags"


def airflows(follower: Follower, version: str | None = None) -> GitDagBundle:
    url = str(follower.repository.folder)
    return GitDagBundle(name="b", repo_url=url, tracking_ref="main", subdir="dags", version=version)


def test_takes_over_from_git_dag_bundle_and_back(follower: Follower, repository: Repository) -> None:
    former = airflows(follower)
    former.initialize()
    version = former.get_current_version().version
    pinned = airflows(follower, version)
    pinned.initialize()

    repository.commit({"configs/payments/fx.yaml": "b"})
    bundle = follower.started()
    assert config(bundle) == "b"
    assert config(follower.started(version=version)) == "a"

    repository.commit({"configs/payments/fx.yaml": "c"})
    bundle.refresh()
    shutil.rmtree(follower.storage / "tracking_repo")
    bundle.refresh()
    repository.commit({"configs/payments/fx.yaml": "d"})
    back = airflows(follower)
    back.initialize()
    assert (back.path.parent / "configs/payments/fx.yaml").read_text() == "d"
