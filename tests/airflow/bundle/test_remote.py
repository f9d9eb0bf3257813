"""History that is rewritten, branches that go away, and remotes that cannot be reached."""

import json
import os
import socket
import subprocess
import threading
from base64 import b64encode
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from mergeflow.airflow import bundle as bundle_module
from mergeflow.airflow import git as git_module
from mergeflow.airflow.bundle import ConfigBundle
from mergeflow.airflow.bundle import remote as remote_module
from tests.airflow.bundle.origin import STUBS, Follower, Logged, Repository, config, touched_by_refresh

BOTH = {"payments.py", "config_errors.py"}


def away(repository: Repository) -> Path:
    """Take a repository away; renaming the result back is its return."""
    return repository.folder.rename(repository.folder.with_name("away"))


def test_forced_push_whose_former_history_is_gone(bundle: ConfigBundle, repository: Repository, logged: Logged) -> None:
    repository.commit({"README.md": "hello"})
    bundle.refresh()
    tip = repository.force({"configs/payments/fx.yaml": "rebased"})
    assert touched_by_refresh(bundle) == BOTH
    assert bundle.get_current_version().version == tip
    assert config(bundle) == "rebased"
    assert touched_by_refresh(bundle) == set()
    assert logged.errors == []


def test_forced_push_back_to_an_older_commit(bundle: ConfigBundle, repository: Repository) -> None:
    first = repository.git("rev-parse", "HEAD")
    repository.commit({"configs/payments/fx.yaml": "b"})
    bundle.refresh()
    repository.git("reset", "-q", "--hard", first)
    assert touched_by_refresh(bundle) == BOTH
    assert bundle.get_current_version().version == first
    assert config(bundle) == "a"


def test_forced_push_while_nobody_looked(bundle: ConfigBundle, repository: Repository, follower: Follower) -> None:
    tip = repository.force({"configs/payments/fx.yaml": "rebased", "configs/risk/v.yaml": None})
    restarted = follower.started()
    assert restarted.get_current_version().version == tip
    assert config(restarted) == "rebased"
    assert not (restarted.path.parent / "configs/risk/v.yaml").exists()
    assert touched_by_refresh(bundle) == STUBS


def test_commit_that_git_no_longer_knows_touches_all(
    bundle: ConfigBundle, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit({"README.md": "hello"})
    monkeypatch.setattr(bundle, "_seen", "0" * 40)
    assert touched_by_refresh(bundle) == STUBS


def test_branch_that_goes_away_and_returns(bundle: ConfigBundle, repository: Repository, logged: Logged) -> None:
    before = bundle.get_current_version()
    repository.git("branch", "-m", "main", "main/renamed")
    for _ in range(3):
        assert touched_by_refresh(bundle) == set()
    assert [(error["cause"], error["error"]) for error in logged.errors] == [
        ("branch", "the remote has no branch or tag `main`")
    ]
    assert bundle.get_current_version() == before
    assert config(bundle) == "a"

    repository.git("branch", "-m", "main/renamed", "main")
    repository.commit({"configs/payments/fx.yaml": "b"})
    assert touched_by_refresh(bundle) == BOTH
    bundle.refresh()
    assert logged.ends() == ["branch"]
    assert len(logged.errors) == 1


def test_remote_that_goes_away_and_returns(bundle: ConfigBundle, repository: Repository, logged: Logged) -> None:
    elsewhere = away(repository)
    for _ in range(3):
        assert touched_by_refresh(bundle) == set()
    assert [error["cause"] for error in logged.errors] == ["remote"]
    assert config(bundle) == "a"

    elsewhere.rename(repository.folder)
    repository.commit({"configs/payments/fx.yaml": "b"})
    assert touched_by_refresh(bundle) == BOTH
    assert logged.ends() == ["remote"]

    away(repository)
    bundle.refresh()
    assert len(logged.errors) == 2


@pytest.mark.usefixtures("bundle")
def test_restart_while_the_remote_is_away(repository: Repository, follower: Follower, logged: Logged) -> None:
    commit = repository.git("rev-parse", "HEAD")
    elsewhere = away(repository)
    restarted = follower.started()
    restarted.refresh()
    assert restarted.get_current_version().version == commit
    assert {path.name for path in restarted.path.glob("*.py")} == STUBS
    assert config(restarted) == "a"
    assert len(logged.errors) == 1

    elsewhere.rename(repository.folder)
    repository.commit({"configs/payments/fx.yaml": "b"})
    assert touched_by_refresh(restarted) == BOTH


@pytest.mark.usefixtures("bundle")
def test_restart_while_the_branch_is_away(repository: Repository, follower: Follower, logged: Logged) -> None:
    repository.git("branch", "-m", "main", "other")
    assert config(follower.started()) == "a"
    assert [error["cause"] for error in logged.errors] == ["branch"]


def test_first_start_while_the_remote_is_away(repository: Repository, follower: Follower, logged: Logged) -> None:
    elsewhere = away(repository)
    bundle = follower.bundle()
    for _ in range(2):
        with pytest.raises(RuntimeError, match=r"bundle b cannot be fetched: .*does not appear to be a git repository"):
            bundle.initialize()
    assert not bundle.is_initialized
    assert len(logged.errors) == 1

    elsewhere.rename(repository.folder)
    bundle.initialize()
    assert config(bundle) == "a"
    assert logged.ends() == ["remote"]


def test_address_that_changes(bundle: ConfigBundle, repository: Repository, follower: Follower) -> None:
    """`GitDagBundle` would ask the one that it was cloned from for ever."""
    repository.folder = repository.folder.rename(repository.folder.with_name("moved"))
    repository.commit({"configs/payments/fx.yaml": "b"})
    bundle.refresh()
    assert config(bundle) == "a"
    assert config(follower.started()) == "b"


def test_port_that_refuses(follower: Follower, bundle: ConfigBundle, logged: Logged) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        refused = follower.started(repo_url=f"http://127.0.0.1:{port}/origin.git")
        refused.refresh()
    assert refused.get_current_version() == bundle.get_current_version()
    assert [error["cause"] for error in logged.errors] == ["remote"]


def test_no_part_of_a_password_with_at_signs_is_told() -> None:
    with pytest.raises(git_module.GitError) as caught:
        git_module.git("ls-remote", "http://user:first@second@third@127.0.0.1:1/origin.git")
    assert "127.0.0.1" in str(caught.value)
    assert not any(part in str(caught.value) for part in ("first", "second", "third"))


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/origin.git"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle_module, "PATIENCE", 0.1)
    monkeypatch.setattr(bundle_module, "ANSWER", 1.0)
    monkeypatch.setattr(remote_module, "ANSWER", 1.0)


@pytest.mark.usefixtures("bundle", "impatient")
def test_server_that_never_answers(follower: Follower, silent: str, logged: Logged) -> None:
    """The dag-processor asks in between and never waits; the error comes when the question's time is over."""
    waiting = follower.started(repo_url=silent)
    logged.errors.clear()
    waiting._outage.ends()
    seen = []
    while not logged.errors:
        waiting.refresh()
        asking = waiting._remote._asking
        if asking is not None and asking[0] not in seen:
            seen.append(asking[0])
    assert [error["error"] for error in logged.errors] == ["no answer within 1 s"]
    assert seen
    assert all(running._process.returncode is not None for running in seen)
    assert config(waiting) == "a"


@pytest.mark.usefixtures("bundle", "impatient")
def test_password_is_in_no_parse_while_a_question_is_open(
    follower: Follower, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = {"conn_type": "git", "login": "bot", "password": "xyzzy"}
    monkeypatch.setenv("AIRFLOW_CONN_GIT_DEFAULT", json.dumps(connection))
    waiting = follower.started(repo_url=silent)
    monkeypatch.delenv("AIRFLOW_CONN_GIT_DEFAULT")
    waiting.refresh()
    assert waiting._remote._asking is not None
    assert not any("xyzzy" in value for value in os.environ.values())
    waiting._remote._asking[1].close()


class Guarded(SimpleHTTPRequestHandler):
    """Git's plain HTTP for who knows the password."""

    def do_GET(self) -> None:
        asked = "Basic " + b64encode(b"bot:xyzzy").decode()
        if self.headers.get("Authorization") != asked:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def guarded(repository: Repository) -> Iterator[str]:
    handler = partial(Guarded, directory=str(repository.folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/.git"
        server.shutdown()


def test_server_that_asks_for_a_password(
    follower: Follower, guarded: str, repository: Repository, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.git("update-server-info")
    monkeypatch.setenv(
        "AIRFLOW_CONN_GIT_DEFAULT", json.dumps({"conn_type": "git", "login": "bot", "password": "wrong"})
    )
    bundle = follower.bundle(repo_url=guarded)
    with pytest.raises(RuntimeError, match="cannot be fetched"):
        bundle.initialize()
    right = {"conn_type": "git", "login": "bot", "password": "xyzzy"}
    monkeypatch.setenv("AIRFLOW_CONN_GIT_DEFAULT", json.dumps(right))
    bundle.initialize()
    assert config(bundle) == "a"
    assert "wrong" not in repr(logged.errors)
    kept = subprocess.run(["grep", "-r", "xyzzy", follower.storage], check=False, capture_output=True)
    assert kept.stdout == b""


def test_ssh_has_the_key_and_gives_up_in_time(
    follower: Follower, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in for ssh keeps what it was called with, and the key that it was given."""
    told, ssh = tmp_path / "told", tmp_path / "bin" / "ssh"
    ssh.parent.mkdir()
    ssh.write_text(f'#!/bin/sh\necho "$@" >> {told}; cat "$2" >> {told}; exit 1\n')
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{ssh.parent}{os.pathsep}{os.environ['PATH']}")
    connection = {"conn_type": "git", "extra": {"private_key": "a key", "strict_host_key_checking": "yes"}}
    monkeypatch.setenv("AIRFLOW_CONN_GIT_DEFAULT", json.dumps(connection))
    with pytest.raises(RuntimeError, match="cannot be fetched"):
        follower.started(repo_url="git@git.example:owner/repo.git")
    asked, key = told.read_text().splitlines()
    assert remote_module.STALLED_SSH in asked
    assert "git@git.example" in asked
    assert key == "a key"
    assert "GIT_SSH_COMMAND" not in os.environ


def test_tag_or_commit_instead_of_a_branch(follower: Follower, repository: Repository, bundle: ConfigBundle) -> None:
    first = repository.git("rev-parse", "HEAD")
    repository.git("tag", "-a", "-m", "first", "v1")
    repository.commit({"configs/payments/fx.yaml": "b"})
    bundle.refresh()
    for ref in ("v1", first, first[:8]):
        pinned = follower.started(tracking_ref=ref)
        assert pinned.get_current_version().version == first
        assert config(pinned) == "a"


def test_commit_that_is_not_here_yet(follower: Follower, repository: Repository) -> None:
    first = repository.git("rev-parse", "HEAD")
    repository.commit({"configs/payments/fx.yaml": "b"})
    pinned = follower.started(tracking_ref=first)
    assert config(pinned) == "a"


def test_live_at_once_after_a_long_outage(bundle: ConfigBundle, repository: Repository) -> None:
    """There is no growing pause between two looks: a refused question costs some milliseconds."""
    elsewhere = away(repository)
    for _ in range(20):
        bundle.refresh()
    elsewhere.rename(repository.folder)
    repository.commit({"configs/payments/fx.yaml": "b"})
    bundle.refresh()
    assert config(bundle) == "b"
