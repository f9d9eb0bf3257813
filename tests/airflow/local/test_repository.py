import subprocess
from pathlib import Path

import pytest

from mergeflow.airflow.local.repository import RepositoryError, choose, is_url


def make(folder: Path, *, commit: bool = True) -> Path:
    folder.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    if commit:
        (folder / "dags").mkdir()
        (folder / "dags" / "x.py").touch()
        subprocess.run(["git", "-C", str(folder), "add", "-A"], check=True)
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", "-C", str(folder), *identity, "commit", "-qm", "one"], check=True)
    return folder


def test_this_repository(tmp_path: Path) -> None:
    folder = make(tmp_path / "r")
    source = choose(folder, None, "main")
    assert (source.location, source.branch, source.notice) == (str(folder), "main", None)
    assert source.tip() is not None


def test_project_in_a_folder(tmp_path: Path) -> None:
    folder = make(tmp_path / "r")
    source = choose(folder / "dags", None, "main")
    assert (source.location, source.prefix) == (str(folder), "dags/")
    assert source.bundle(1)["kwargs"]["subdir"] == "dags/dags"


def test_working_tree(tmp_path: Path) -> None:
    source = choose(make(tmp_path / "r"), None, "main", working_tree=True)
    assert (source.branch, source.notice, source.tip()) == (None, None, None)


def test_without_git_the_files_are_followed(tmp_path: Path) -> None:
    source = choose(tmp_path, None, "main")
    assert source.branch is None
    assert source.notice == "this folder is not a Git repository: following the files as they are, without commits"


def test_without_a_commit_the_files_are_followed(tmp_path: Path) -> None:
    source = choose(make(tmp_path / "r", commit=False), None, "main")
    assert source.branch is None
    assert str(source.notice).startswith("this repository has no commit on a branch main: following the files")


def test_named_repository_is_relative_to_here(tmp_path: Path) -> None:
    folder = make(tmp_path / "r")
    assert choose(tmp_path, "r", "main").location == str(folder)


@pytest.mark.parametrize(
    ("repo", "branch", "said"),
    [
        ("nowhere", "main", "nowhere is neither a folder nor a URL"),
        ("plain", "main", "not a git repository"),
        ("r", "other", "this repository has no commit on a branch other"),
        ("file:///nowhere/at/all", "main", "does not appear to be a git repository"),
    ],
)
def test_named_repository_must_be_there(tmp_path: Path, repo: str, branch: str, said: str) -> None:
    make(tmp_path / "r")
    (tmp_path / "plain").mkdir()
    with pytest.raises(RepositoryError, match=said):
        choose(tmp_path, repo, branch)


def test_a_branch_that_was_asked_for_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="no commit on a branch mian"):
        choose(make(tmp_path / "r"), None, "mian")


def test_working_tree_of_a_url(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="--repo names a URL"):
        choose(tmp_path, "https://example.org/r.git", "main", working_tree=True)


def test_bare_repository(tmp_path: Path) -> None:
    folder = make(tmp_path / "r")
    subprocess.run(["git", "clone", "-q", "--bare", str(folder), str(tmp_path / "b.git")], check=True)
    assert choose(tmp_path, "b.git", "main").location == str(tmp_path / "b.git")


def test_tip_of_a_repository_that_went_away(tmp_path: Path) -> None:
    source = choose(make(tmp_path / "r"), None, "main")
    (tmp_path / "r").rename(tmp_path / "away")
    assert source.tip() is None


def test_is_url() -> None:
    assert all(map(is_url, ["https://h/r", "ssh://h/r", "git@h:r.git", "file:///r"]))
    assert not any(map(is_url, ["/r", "r", "../r", "C:\\r", "a:b"]))
