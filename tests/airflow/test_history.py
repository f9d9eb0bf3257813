"""Which commit the docs of a DAG name: the last that touched its file on the branch that Airflow follows."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from mergeflow.airflow import history
from mergeflow.airflow.history import NO_HISTORY, NOTES, note, noted

A, B = "configs/shop/a.yaml", "configs/shop/b.yaml"


class Repository:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        command = ["git", "-C", str(self.folder), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, *paths: str) -> str:
        """Give files another content, and return the commit."""
        for path in paths:
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{file.read_text()}+" if file.exists() else ascii(path))
        return self.commit_all()

    def commit_all(self) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "change")
        return self.head

    @property
    def head(self) -> str:
        return self.git("rev-parse", "HEAD")

    def noted(self, folder: str = "", url: str = "") -> dict[str, str]:
        note(self.folder, self.head, folder, url)
        return dict(noted(self.folder).commits)

    def noted_anew(self) -> dict[str, str]:
        (self.folder / ".git" / NOTES).unlink()
        return self.noted()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


@pytest.fixture(autouse=True)
def _warnings_anew() -> None:
    history._warn.cache_clear()


def test_each_file_has_the_last_commit_that_touched_it(repository: Repository) -> None:
    first = repository.commit(A, B)
    second = repository.commit(B)
    repository.commit("README.md", "dags/shop.py")
    assert repository.noted() == {A: first, B: second}


def test_a_merge_adds_what_it_touched_and_leaves_all_others(repository: Repository) -> None:
    first = repository.commit(A, B)
    assert repository.noted() == {A: first, B: first}
    second = repository.commit(B)
    third = repository.commit("configs/shop/c.yaml")
    assert repository.noted() == {A: first, B: second, "configs/shop/c.yaml": third}
    assert repository.noted_anew() == repository.noted()


def test_a_merged_branch_counts_as_its_merge(repository: Repository) -> None:
    first = repository.commit(A, B)
    repository.noted()
    repository.git("checkout", "-q", "-b", "topic")
    repository.commit(A)
    repository.git("checkout", "-q", "main")
    repository.commit("README.md")
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "topic")
    assert repository.noted() == {A: repository.head, B: first}
    assert repository.noted_anew() == repository.noted()


def test_the_branch_may_be_moved_to_where_its_old_commits_are_a_side_line(repository: Repository) -> None:
    first = repository.commit(A, B)
    repository.git("checkout", "-q", "-b", "topic")
    on_topic = repository.commit(A)
    repository.git("checkout", "-q", "main")
    repository.commit(B)
    repository.noted()
    repository.git("checkout", "-q", "topic")
    repository.git("merge", "-q", "--no-ff", "-m", "main into topic", "main")
    repository.git("branch", "-f", "main")
    assert repository.noted() == {A: on_topic, B: repository.head}
    assert repository.noted_anew() == repository.noted()
    assert first not in repository.noted().values()


def test_what_is_removed_or_renamed_is_forgotten(repository: Repository) -> None:
    first = repository.commit(A, B)
    repository.noted()
    repository.git("mv", B, "configs/shop/c.yaml")
    moved = repository.commit_all()
    assert repository.noted() == {A: first, "configs/shop/c.yaml": moved}
    repository.git("rm", "-q", "configs/shop/c.yaml")
    repository.commit_all()
    assert repository.noted() == {A: first}


def test_a_reverted_merge_is_the_reverts(repository: Repository) -> None:
    repository.commit(A)
    repository.commit(A)
    repository.git("revert", "--no-edit", "HEAD")
    assert repository.noted() == {A: repository.head}


@pytest.mark.parametrize("collected", [False, True])
def test_a_forced_push_is_read_from_the_beginning(repository: Repository, *, collected: bool) -> None:
    first = repository.commit(A, B)
    repository.commit(A)
    repository.noted()
    repository.git("reset", "-q", "--hard", first)
    second = repository.commit(B)
    if collected:
        repository.git("reflog", "expire", "--expire=now", "--all")
        repository.git("gc", "-q", "--prune=now")
    assert repository.noted() == {A: first, B: second}


def test_only_so_many_commits_are_looked_at(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.commit(A)
    second = repository.commit(B)
    repository.commit("README.md")
    monkeypatch.setattr(history, "MOST_COMMITS", 2)
    assert repository.noted() == {B: second}


def test_a_project_in_a_folder_of_its_repository(repository: Repository) -> None:
    first = repository.commit("data/pipelines/configs/shop/a.yaml", "configs/shop/a.yaml")
    repository.commit("configs/shop/a.yaml")
    repository.noted("data/pipelines")
    found = noted(repository.folder / "data/pipelines")
    assert (found.folder, found.commit_of(A), found.commit_of(B)) == ("data/pipelines/", first, "")
    assert list(found.commits) == ["data/pipelines/configs/shop/a.yaml"]


def test_notes_of_another_folder_count_for_nothing(repository: Repository) -> None:
    repository.commit("old/configs/shop/a.yaml", A)
    repository.noted("old")
    assert repository.noted() == {A: repository.head}


NAMES = ["ü.yaml", 'a "b".yaml', "a\nb.yaml", " a\tb .yaml", "\x01.yaml", "*.yaml", os.fsdecode(b"\xff.yaml")]


def test_any_name_is_a_name(repository: Repository) -> None:
    paths = [f"configs/shop/{name}" for name in NAMES]
    first = repository.commit(*paths, A)
    second = repository.commit(*paths)
    repository.noted()
    assert {noted(repository.folder).commit_of(path) for path in paths} == {second}
    assert noted(repository.folder).commit_of(A) == first


def test_the_settings_of_a_user_change_nothing(repository: Repository) -> None:
    first = repository.commit("configs/shop/old.yaml", B)
    repository.git("mv", "configs/shop/old.yaml", A)
    second = repository.commit_all()
    for setting in (
        *("log.decorate=full", "log.follow=true", "log.showRoot=false", "log.showSignature=true"),
        *("color.ui=always", "diff.relative=true", "diff.renames=copies", "format.pretty=oneline"),
    ):
        repository.git("config", *setting.split("="))
    assert repository.noted() == {A: second, B: first}


def test_nothing_is_asked_of_git_where_nothing_is_new(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.commit(A)
    repository.noted()
    head = repository.head
    monkeypatch.setattr(history, "_git", lambda *_: pytest.fail("asked"))
    note(repository.folder, head, ".", "")
    assert noted(repository.folder).commit_of(A) == head


def test_no_password_is_kept(repository: Repository) -> None:
    repository.commit(A)
    for url in ("https://ada:s3cr3t@github.com/shop/configs.git", "https://ada:s3cr3t@git.shop.example/shop/configs"):
        repository.noted(url=url)
        text = (repository.folder / ".git" / NOTES).read_text()
        assert "s3cr3t" not in text
        assert "ada" not in text
    repository.noted(url="https://ada:s3cr3t@github.com/shop/configs.git")
    assert noted(repository.folder).remote == ("github.com", "shop/configs")


def test_a_remote_that_cannot_be_looked_up_stays_the_same(repository: Repository) -> None:
    repository.commit(A)
    note(repository.folder, repository.head, "", None)
    assert noted(repository.folder).remote is None
    repository.noted(url="git@github.com:shop/configs.git")
    repository.commit(A)
    note(repository.folder, repository.head, "", None)
    assert noted(repository.folder).remote == ("github.com", "shop/configs")
    assert noted(repository.folder).commit_of(A) == repository.head


# --- where Git cannot tell


def test_a_shallow_clone_names_no_commit_and_says_so_once(repository: Repository, tmp_path: Path) -> None:
    repository.commit(A)
    repository.commit(B)
    shallow = tmp_path / "shallow"
    repository.git("clone", "-q", "--depth=1", f"file://{repository.folder}", str(shallow))
    with capture_logs() as logs:
        for _ in range(2):
            note(shallow, repository.head, "", "")
    assert noted(shallow) == NO_HISTORY
    assert [(each["log_level"], each["reason"]) for each in logs] == [("warning", "the clone is shallow")]


def test_without_git_no_commit_is_named(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.commit(A)
    head = repository.head
    monkeypatch.setenv("PATH", "/nowhere")
    with capture_logs() as logs:
        note(repository.folder, head, "", "")
    assert noted(repository.folder) == NO_HISTORY
    assert len(logs) == 1


def test_a_commit_that_git_does_not_know_is_a_warning_in_one_line(repository: Repository) -> None:
    repository.commit(A)
    with capture_logs() as logs:
        note(repository.folder, "0" * 40, "", "")
    assert noted(repository.folder) == NO_HISTORY
    assert "0000" in logs[0]["reason"]
    assert "\n" not in logs[0]["reason"]


def test_old_notes_do_not_stay_where_new_ones_cannot_be_written(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit(A)
    repository.noted()
    repository.commit(A)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr(Path, "write_text", full)
        note(repository.folder, repository.head, "", "")
    assert "No space left" in logs[0]["reason"]
    assert noted(repository.folder) == NO_HISTORY
    assert repository.noted() == {A: repository.head}
    assert [file.name for file in (repository.folder / ".git").glob(f"{NOTES}*")] == [NOTES]


TORN = [
    "",
    "{",
    "null",
    "[]",
    '"x"',
    "\udcff",
    '{"version": 1}',
    '{"version": 0, "commits": {"configs/shop/a.yaml": "0"}}',
]


def test_notes_that_are_torn_or_of_another_version_say_nothing_and_are_written_anew(repository: Repository) -> None:
    commit = repository.commit(A)
    for text in TORN:
        (repository.folder / ".git" / NOTES).write_text(text, errors="surrogateescape")
        assert noted(repository.folder).commit_of(A) == ""
        assert repository.noted() == {A: commit}


def test_there_is_no_history_without_a_bundle_that_notes_it(repository: Repository, tmp_path: Path) -> None:
    assert noted(tmp_path / "nowhere/at/all") == NO_HISTORY
    assert noted(repository.folder) == NO_HISTORY
    repository.commit(A)
    repository.git("worktree", "add", "-q", str(tmp_path / "tree"))
    assert noted(tmp_path / "tree") == NO_HISTORY


def test_notes_that_change_are_read_again(repository: Repository) -> None:
    first = repository.commit(A)
    assert repository.noted() == {A: first}
    begins = json.loads((repository.folder / ".git" / NOTES).read_text())["head"]
    assert begins == first
    second = repository.commit(A)
    assert repository.noted() == {A: second}
