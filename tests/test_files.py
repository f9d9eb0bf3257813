"""Reading a folder or a revision: what cannot be read says so, and nothing hangs."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from mergeflow import files
from mergeflow.files import RevisionError, Unreadable, config_paths, from_directory, from_revision, merge_base, read
from tests.conftest import Repository, Run

A = "configs/team/a.yaml"
GOOD = "orders:\n  tasks:\n    load: {operator: airflow.providers.standard.operators.empty.EmptyOperator}\n"
Make = Callable[..., Repository]


def git(root: Path, *arguments: str) -> str:
    """Run git with settings of its own, whatever the machine has."""
    identity = {f"GIT_{who}_{what}": "x@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, env=os.environ | identity | alone, capture_output=True, text=True, check=True).stdout


def commit(root: Path, message: str = "change") -> None:
    if not (root / ".git").exists():
        git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", message)


def test_a_named_pipe_does_not_hang_and_is_refused(repository: Make, mergeflow: Run) -> None:
    made = repository({A: GOOD})
    os.mkfifo(made.root / "configs/team/pipe.yaml")
    ran = mergeflow("check", cwd=made.root)
    assert ran.code == 1
    assert "configs/team/pipe.yaml:1:1: error: cannot read this file: it is not a regular file" in ran.out
    assert mergeflow("check", "configs/team/pipe.yaml", cwd=made.root).code == 1


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("../../../outside.yaml", "it is a symbolic link out of the repository"),
        ("link.yaml", "too many levels of symbolic links"),
        ("gone.yaml", "no such file or directory"),
        ("../team", "it is a symbolic link to a folder, which is not followed"),
        ("/dev/zero", "it is a symbolic link out of the repository"),
    ],
)
def test_a_link_that_leads_astray_is_refused(target: str, reason: str, repository: Make, mergeflow: Run) -> None:
    made = repository({"configs/team/.keep": ""})
    (made.root.parent / "outside.yaml").write_text(GOOD)
    (made.root / "configs/team/link.yaml").symlink_to(target)
    for arguments in (["check"], ["check", "configs/team/link.yaml"], ["check", "configs/team"]):
        ran = mergeflow(*arguments, cwd=made.root)
        assert ran.code == 1, arguments
        assert f"link.yaml:1:1: error: cannot read this file: {reason} [unreadable-file]" in ran.out
        assert str(made.root.parent) not in ran.out


def test_a_link_within_the_repository_is_read(repository: Make) -> None:
    made = repository({"shared/a.yaml": GOOD, "configs/team/.keep": ""})
    (made.root / A).symlink_to("../../shared/a.yaml")
    assert read(made.root, A) == GOOD.encode()


def test_a_linked_folder_is_reported_and_not_followed(repository: Make, mergeflow: Run) -> None:
    made = repository({"elsewhere/a.yaml": GOOD, "configs/team/.keep": ""})
    (made.root / "configs/team/linked").symlink_to("../../elsewhere")
    ran = mergeflow("check", cwd=made.root)
    assert ran.code == 1
    assert "configs/team/linked:1:1: error: cannot read this file: it is a symbolic link to a folder" in ran.out


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_nobody_may_read_is_reported(repository: Make, mergeflow: Run) -> None:
    made = repository({A: GOOD, "configs/team/closed/b.yaml": GOOD})
    (made.root / A).chmod(0)
    (made.root / "configs/team/closed").chmod(0)
    ran = mergeflow("check", cwd=made.root)
    (made.root / "configs/team/closed").chmod(0o755)
    assert ran.out.count("permission denied") == 2


def test_a_closed_folder_is_reported(repository: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    made = repository({A: GOOD})
    error = PermissionError(13, "Permission denied", str(made.root / "configs/team"))
    monkeypatch.setattr(files.os, "walk", lambda _, onerror: onerror(error) or iter(()))
    assert config_paths(made.root, "configs") == ["configs/team"]


def test_a_file_that_vanishes_while_it_is_read_is_reported(
    repository: Make, mergeflow: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = repository({A: GOOD})
    found = config_paths(made.root)
    (made.root / A).unlink()
    monkeypatch.setattr(files, "config_paths", lambda *_: found)
    ran = mergeflow("check", cwd=made.root)
    assert ran.code == 1
    assert "cannot read this file: no such file or directory [unreadable-file]" in ran.out


def test_a_folder_named_like_a_file_is_a_folder(repository: Make, mergeflow: Run) -> None:
    made = repository({"configs/team/x.yaml/a.yaml": GOOD})
    for arguments in (["check"], ["check", "configs/team/x.yaml"]):
        assert mergeflow(*arguments, cwd=made.root).out == "1 DAG in 1 file, no problems\n"


def test_a_file_is_never_read_beyond_what_a_config_may_have(repository: Make) -> None:
    made = repository({A: "#" * 3_000_000})
    content = read(made.root, A)
    assert isinstance(content, bytes)
    assert len(content) == files.MAX_BYTES + 1


def test_files_come_sorted_and_only_yaml(repository: Make) -> None:
    made = repository({"configs/b.yml": "", "configs/a/z.yaml": "", "configs/a/notes.md": "", "configs/B.yaml": ""})
    assert list(from_directory(made.root)) == ["configs/B.yaml", "configs/a/z.yaml", "configs/b.yml"]


def test_a_revision_has_what_was_committed(repository: Make) -> None:
    made = repository({A: GOOD, "configs/a b\n📦.yaml": "x", "configs/big.yaml": "#" * 3_000_000})
    commit(made.root)
    made.write({A: "changed"})
    found = from_revision(made.root, "HEAD")
    assert list(found) == ["configs/a b\n📦.yaml", "configs/big.yaml", A]
    assert found[A] == GOOD.encode()
    big = found["configs/big.yaml"]
    assert isinstance(big, bytes)
    assert len(big) == files.MAX_BYTES + 1


@pytest.mark.parametrize("target", ["team/a.yaml", "chain.yml", "../configs/team/a.yaml"])
def test_a_link_within_a_revision_is_followed_as_on_disk(target: str, repository: Make) -> None:
    made = repository({A: GOOD})
    (made.root / "configs/link.yaml").symlink_to(target)
    (made.root / "configs/chain.yml").symlink_to("team/a.yaml")
    commit(made.root.parent)
    assert from_revision(made.root, "HEAD") == from_directory(made.root)


@pytest.mark.parametrize("target", ["/etc/hostname", "gone.yaml", "li nk\n.yaml", "team", "../../../outside.yaml"])
def test_a_link_out_of_a_revision_is_refused(target: str, repository: Make) -> None:
    made = repository({A: GOOD})
    (made.root / "configs/link.yaml").symlink_to(target)
    (made.root / "configs/li nk\n.yaml").symlink_to("team/a.yaml" if "\n" not in target else "li nk\n.yaml")
    commit(made.root)
    found = from_revision(made.root, "HEAD")
    assert found[A] == GOOD.encode()
    assert all(isinstance(found[path], Unreadable) for path in ("configs/link.yaml", "configs/li nk\n.yaml"))


def test_a_repository_may_be_a_folder_of_a_git_repository(repository: Make) -> None:
    made = repository({A: GOOD})
    commit(made.root.parent)
    assert from_revision(made.root, "HEAD") == {A: GOOD.encode()}


def test_a_revision_without_configs_is_empty(tmp_path: Path) -> None:
    commit(tmp_path)
    assert from_revision(tmp_path, "HEAD") == {}


@pytest.mark.parametrize("revision", ["nowhere", "--help", "", "HEAD:configs", "a b", "-n"])
def test_an_unknown_revision_is_one_sentence(repository: Make, revision: str) -> None:
    made = repository({A: GOOD})
    commit(made.root)
    with pytest.raises(RevisionError, match=rf"^Git knows no revision `{revision}` here$"):
        merge_base(made.root, revision, "HEAD")


def test_without_git_it_is_one_sentence(repository: Make, without_git: Path) -> None:
    del without_git
    with pytest.raises(RevisionError, match="git cannot be run: No such file"):
        merge_base(repository({}).root, "main", "HEAD")


def test_revisions_without_common_history_are_compared_as_they_are(repository: Make) -> None:
    made = repository({A: GOOD})
    commit(made.root)
    git(made.root, "checkout", "-q", "--orphan", "other")
    commit(made.root, "other")
    assert merge_base(made.root, "main", "other") == "main"
