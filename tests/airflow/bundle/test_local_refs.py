"""A repository on this machine is asked only when the files of its branch have changed."""

import os
import time
from pathlib import Path

import pytest

from mergeflow.airflow.bundle import ConfigBundle
from mergeflow.airflow.bundle import remote as remote_module
from mergeflow.airflow.bundle.local_refs import refs_of
from mergeflow.airflow.git import Running
from tests.airflow.bundle.origin import Repository, config


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The Git commands with which the remote was asked."""
    asked: list[str] = []

    class Asked(Running):
        def __init__(self, arguments: list[str], **kwargs: object) -> None:
            asked.append(arguments[0])
            super().__init__(arguments, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(remote_module, "Running", Asked)
    return asked


def packed(repository: Repository, *, fresh: bool = False) -> None:
    """Move all branches into one file, written a while ago."""
    repository.git("pack-refs", "--all")
    if not fresh:
        past = time.time() - 60
        os.utime(repository.folder / ".git/packed-refs", (past, past))


@pytest.mark.parametrize("pack", [False, True])
def test_nothing_new_is_no_question(
    bundle: ConfigBundle, repository: Repository, questions: list[str], *, pack: bool
) -> None:
    if pack:
        packed(repository)
    for _ in range(3):
        bundle.refresh()
    assert questions == ["ls-remote"] * pack


def test_each_commit_is_seen(bundle: ConfigBundle, repository: Repository) -> None:
    for text in ("b", "c"):
        for pack in (False, True):
            repository.commit({"configs/payments/fx.yaml": f"{text}{pack}"})
            if pack:
                packed(repository)
            bundle.refresh()
            assert config(bundle) == f"{text}{pack}"


def test_what_was_packed_just_now_may_be_packed_again_unnoticed(
    bundle: ConfigBundle, repository: Repository, questions: list[str]
) -> None:
    packed(repository, fresh=True)
    bundle.refresh()
    bundle.refresh()
    assert questions == ["ls-remote"] * 2


def test_a_branch_that_is_gone_is_not_remembered(
    bundle: ConfigBundle, repository: Repository, questions: list[str]
) -> None:
    repository.git("branch", "other")
    packed(repository)
    repository.git("branch", "-m", "main", "renamed")
    packed(repository)
    commit = bundle.get_current_version()
    for _ in range(2):
        bundle.refresh()
    assert questions == ["ls-remote"] * 2
    assert bundle.get_current_version() == commit


@pytest.mark.parametrize(
    "url", ["https://example.org/a.git", "git@example.org:a.git", "relative", "/nothing/here", "file:///nothing/here"]
)
def test_only_git_can_tell_of_another_machine(url: str) -> None:
    assert refs_of(url, "main") is None


def test_only_git_can_tell_of_a_worktree_and_of_a_ref_that_stands_for_another(
    repository: Repository, tmp_path: Path
) -> None:
    repository.git("worktree", "add", "-q", str(tmp_path / "tree"))
    repository.git("symbolic-ref", "refs/heads/alias", "refs/heads/main")
    assert refs_of(str(tmp_path / "tree"), "main") is None
    assert refs_of(str(repository.folder), "alias") is None
    assert refs_of(str(repository.folder), "main") is not None


def test_a_bare_repository_and_a_file_url_are_local_too(repository: Repository, tmp_path: Path) -> None:
    repository.git("clone", "-q", "--bare", str(repository.folder), str(tmp_path / "bare"))
    past = time.time() - 60
    os.utime(tmp_path / "bare/packed-refs", (past, past))
    refs = refs_of(f"file://{tmp_path / 'bare'}", "main")
    assert refs is not None
    assert refs == refs_of(str(tmp_path / "bare"), "main")
