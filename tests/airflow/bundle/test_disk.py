"""What a killed process leaves behind, what cannot be written, and two processes at once."""

import errno
import fcntl
import os
import shutil
import subprocess
import time
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path
from typing import IO

import psutil
import pytest

from mergeflow.airflow.bundle import ConfigBundle
from mergeflow.airflow.bundle.clone import SPARE
from mergeflow.airflow.git import GitError, Running, git
from tests.airflow.bundle.origin import STUBS, Follower, Logged, Repository, config, in_child, touched_by_refresh

BOTH = {"payments.py", "config_errors.py"}


def checkout(follower: Follower) -> Path:
    return follower.storage / "tracking_repo"


def leave_locks(follower: Follower) -> None:
    for lock in ("tracking_repo/.git/index.lock", "tracking_repo/.git/HEAD.lock", "bare/packed-refs.lock"):
        (follower.storage / lock).touch()
    for lock in follower.storage.glob("*/refs/heads/main"):
        Path(f"{lock}.lock").touch()


def test_lock_files_of_a_killed_git_are_in_nobodys_way(
    bundle: ConfigBundle, follower: Follower, repository: Repository, logged: Logged
) -> None:
    leave_locks(follower)
    repository.commit({"configs/payments/fx.yaml": "b"})
    bundle.refresh()
    assert config(bundle) == "b"

    leave_locks(follower)
    repository.commit({"configs/payments/fx.yaml": "c"})
    assert config(follower.started()) == "c"
    assert logged.errors == []


@pytest.mark.usefixtures("bundle")
def test_checkout_that_was_interrupted(follower: Follower, repository: Repository) -> None:
    """Files of two commits, one that no commit has, and nobody to ask: what was checked out is put right."""
    (checkout(follower) / "configs/payments/fx.yaml").write_text("half")
    (checkout(follower) / "configs/risk/v.yaml").unlink()
    (checkout(follower) / "dags/new_team.py").touch()
    leave_locks(follower)
    repository.folder.rename(repository.folder.with_name("away"))
    restarted = follower.started()
    assert config(restarted) == "a"
    assert config(restarted, "configs/risk/v.yaml") == ""
    assert {path.name for path in restarted.path.glob("*.py")} == STUBS


def empty(repository: Path) -> None:
    shutil.rmtree(repository)
    repository.mkdir()


def without_head(repository: Path) -> None:
    (repository / "HEAD").write_text("")


def without_objects(repository: Path) -> None:
    shutil.rmtree(repository / "objects")


def broken_index(repository: Path) -> None:
    (repository / "index").write_bytes(b"DIRC")


@pytest.mark.parametrize("harm", [empty, without_head, without_objects])
def test_half_written_clone_is_made_anew(
    bundle: ConfigBundle, follower: Follower, repository: Repository, harm: Callable[[Path], None]
) -> None:
    harm(follower.storage / "bare")
    repository.commit({"configs/payments/fx.yaml": "b"})
    bundle.refresh()
    assert config(bundle) == "b"
    harm(follower.storage / "bare")
    repository.commit({"configs/payments/fx.yaml": "c"})
    assert config(follower.started()) == "c"


def test_commit_of_which_a_power_failure_has_left_half(
    bundle: ConfigBundle, follower: Follower, repository: Repository, logged: Logged
) -> None:
    """The commit is there, a file of it is empty: Git would fetch nothing, and fail at each checkout."""
    tip = repository.commit({"configs/payments/fx.yaml": "b"})
    bare = follower.storage / "bare"
    git(f"--git-dir={bare}", "fetch", "-q", repository.folder, "main")
    blob = repository.git("rev-parse", f"{tip}:configs/payments/fx.yaml")
    for damaged in (bundle, follower.bundle(version=tip)):
        found = bare / "objects" / blob[:2] / blob[2:]
        if found.exists():
            found.chmod(0o600)
            found.write_bytes(b"")
        else:
            shutil.rmtree(bare / "objects" / "pack")
            (bare / "objects" / "pack").mkdir()
        damaged.refresh() if damaged is bundle else damaged.initialize()
        assert config(damaged) == "b"
    assert logged.errors == []


def test_half_written_clone_while_the_remote_is_away(
    bundle: ConfigBundle, follower: Follower, repository: Repository
) -> None:
    """`GitDagBundle` deletes its clone when it cannot fetch: files that are still there serve."""
    shutil.rmtree(follower.storage / "bare")
    repository.folder.rename(repository.folder.with_name("away"))
    restarted = follower.started()
    assert config(restarted) == "a"
    assert restarted.get_current_version() == bundle.get_current_version()


@pytest.mark.parametrize("harm", [empty, without_head, without_objects, broken_index])
def test_broken_checkout_is_made_anew_and_nothing_above_it(
    bundle: ConfigBundle, follower: Follower, repository: Repository, harm: Callable[[Path], None]
) -> None:
    """Git takes the next repository above for a broken one; with `mergeflow up` that is the user's."""
    around = Repository(follower.storage / "around")
    around.folder.rename(follower.storage.parent / "x")
    shutil.move(str(follower.storage.parent / "x" / ".git"), str(follower.storage.parent / ".git"))
    harm(checkout(follower) / ".git")
    if harm is not broken_index:
        assert config(follower.started()) == "a"
    repository.commit({"configs/payments/fx.yaml": "b"})
    bundle.refresh()
    assert config(bundle) == "b"
    assert config(follower.started()) == "b"
    assert not (follower.storage.parent / ".git" / "index").exists()


def test_checkout_that_is_removed_comes_back(bundle: ConfigBundle, follower: Follower) -> None:
    shutil.rmtree(checkout(follower))
    bundle.refresh()
    assert config(bundle) == "a"


def test_checkout_that_fails_half_way_is_undone(
    bundle: ConfigBundle,
    follower: Follower,
    repository: Repository,
    logged: Logged,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As on a full disk: some files are written, and one cannot be."""
    settings = checkout(follower) / ".git" / "config"
    before = settings.read_text()
    settings.write_text(f'{before}[filter "full"]\n\tsmudge = false\n\trequired = true\n')
    commit = bundle.get_current_version()
    repository.commit(
        {
            ".gitattributes": "*.sql filter=full\n",
            "configs/payments/fx.yaml": "b",
            "dags/scripts/risk/var.sql": "select 1",
            "dags/risk.py": None,
        }
    )
    bundle.refresh()
    for _ in range(3):
        assert touched_by_refresh(bundle) == set()  # the undoing writes stubs: not at every refresh
        assert config(bundle) == "a"
        assert (bundle.path / "risk.py").exists()
    assert bundle.get_current_version() == commit
    assert [error["cause"] for error in logged.errors] == ["disk"]

    settings.write_text(before)
    monkeypatch.setattr(bundle._outage, "_until", 0)
    bundle.refresh()
    assert config(bundle) == "b"
    assert logged.ends() == ["disk"]


def test_full_disk(
    bundle: ConfigBundle, repository: Repository, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is begun that may not find room to end."""
    usage = namedtuple("usage", ["free"])
    repository.commit({"configs/payments/fx.yaml": "b"})
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda _: usage(SPARE - 1))
        for _ in range(3):
            assert touched_by_refresh(bundle) == set()
    assert [error["cause"] for error in logged.errors] == ["disk"]
    assert config(bundle) == "a"
    assert touched_by_refresh(bundle) == set()
    monkeypatch.setattr(bundle._outage, "_until", 0)
    assert touched_by_refresh(bundle) == BOTH


@pytest.mark.usefixtures("bundle")
def test_restart_on_a_full_disk(follower: Follower, logged: Logged, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", ["free"])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(0))
    assert config(follower.started()) == "a"
    assert [error["cause"] for error in logged.errors] == ["disk"]


@pytest.mark.usefixtures("bundle")
def test_restart_on_a_read_only_disk(follower: Follower, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path.open

    def read_only(path: Path, mode: str = "r", **how: str | None) -> IO[str]:
        if mode != "r":
            raise OSError(errno.EROFS, "Read-only file system")
        return opened(path, mode, **how)

    monkeypatch.setattr(Path, "open", read_only)
    assert config(follower.started()) == "a"


def test_fetch_that_a_full_disk_has_cut_off(
    bundle: ConfigBundle, follower: Follower, repository: Repository, logged: Logged
) -> None:
    """The commit is there, and what it consists of is not."""
    tip = repository.commit({"configs/payments/fx.yaml": "b"})
    commit = subprocess.run(
        ["git", "-C", repository.folder, "cat-file", "commit", tip], check=True, capture_output=True
    ).stdout
    where = ["git", f"--git-dir={follower.storage / 'bare'}"]
    subprocess.run(
        [*where, "hash-object", "-t", "commit", "-w", "--stdin"], check=True, input=commit, capture_output=True
    )
    bundle.refresh()
    assert config(bundle) == "b"
    assert logged.errors == []


def test_checkout_in_which_git_cannot_write_is_made_anew(
    bundle: ConfigBundle, follower: Follower, repository: Repository, logged: Logged
) -> None:
    """Whoever runs as root may write everywhere, so a folder stands where Git wants to write a file."""
    lock = checkout(follower) / ".git" / "index.lock"
    (lock / "in the way").mkdir(parents=True)
    repository.commit({"configs/payments/fx.yaml": "b"})
    bundle.refresh()
    assert config(bundle) == "b"
    assert logged.errors == []


def test_what_a_killed_process_was_making_is_removed_when_it_is_old(bundle: ConfigBundle, follower: Follower) -> None:
    old, new, index = (follower.storage / name for name in ("making-1-1", "making-2-2", "making-1-1.index"))
    for folder in (old, new):
        (folder / "inside").mkdir(parents=True)
    index.touch()
    for left in (old, index):
        os.utime(left, (1, 1))
    assert bundle.is_initialized
    follower.started()
    assert not old.exists()
    assert not index.exists()
    assert new.exists()


def test_two_dag_processors_notice_the_same_merge(
    bundle: ConfigBundle, follower: Follower, repository: Repository
) -> None:
    other = follower.started()
    repository.commit({"configs/payments/fx.yaml": "b"})
    assert touched_by_refresh(bundle) == BOTH
    assert touched_by_refresh(other) == BOTH
    assert touched_by_refresh(bundle) == set()


def test_answer_that_another_process_has_overtaken(
    bundle: ConfigBundle, follower: Follower, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that asked earlier, and got the lock later, must not take the other's checkout back."""
    other = follower.started()
    earlier = repository.commit({"configs/payments/fx.yaml": "b"})
    answers = iter([earlier])
    ask = bundle._remote.tip
    monkeypatch.setattr(bundle._remote, "tip", lambda patience: next(answers, None) or ask(patience))
    repository.commit({"configs/payments/fx.yaml": "c"})
    other.refresh()
    bundle.refresh()
    assert config(bundle) == "c"


def test_two_processes_at_once(
    bundle: ConfigBundle, follower: Follower, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle._parses, "hold", lambda: False)  # the other processes are no parses
    children = [in_child(lambda: [follower.started().refresh() for _ in range(3)]) for _ in range(2)]
    for number in range(4):
        repository.commit({"configs/payments/fx.yaml": str(number)})
        bundle.refresh()
        assert config(bundle) == str(number)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0]
    bundle.refresh()
    assert config(bundle) == "3"


def test_git_that_outlives_its_process_keeps_the_lock(bundle: ConfigBundle, tmp_path: Path) -> None:
    """Else the next process would remove lock files that are in use."""
    told = tmp_path / "pid"

    def dies() -> None:
        with bundle.lock():
            alias = f"alias.linger=!echo $$ > {told}.new; mv {told}.new {told}; exec sleep 60"
            Running(["-c", alias, "linger"], lock=bundle._clone.lock)
            os._exit(0)

    os.waitpid(in_child(dies), 0)
    while not told.exists():
        time.sleep(0.01)
    with (bundle.base_dir.parent / "_locks" / "b.lock").open() as file:
        with pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.killpg(os.getpgid(int(told.read_text())), 9)
        fcntl.flock(file, fcntl.LOCK_EX)


def test_git_that_hangs_is_ended_with_its_helpers(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    hangs = f"alias.hang=!echo $$ > {told}.new; mv {told}.new {told}; sleep 60 & wait"
    for limit in (0.3, 3, 30):  # the helper has to begin before its time is over, on a busy machine too
        with pytest.raises(GitError, match="no answer within"):
            git("-c", hangs, "hang", limit=limit)
        if told.exists():
            break
    helper = int(told.read_text())
    end = time.monotonic() + 60
    while _runs(helper):
        assert time.monotonic() < end
        time.sleep(0.01)


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_git_tells_no_password() -> None:
    with pytest.raises(GitError) as refused:
        git("ls-remote", "http://bot:xyzzy@127.0.0.1:1/x.git")
    assert "xyzzy" not in str(refused.value)
    assert "127.0.0.1" in str(refused.value)


def test_without_git(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(GitError, match="Git cannot be started: No such file or directory"):
        git("version")
