"""`mergeflow up` that cannot start: one line, and the exit code that says whose affair it is."""

import socket
from pathlib import Path

import pytest

from tests.conftest import Run


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "configs").mkdir()
    (tmp_path / "dags").mkdir()
    return tmp_path


def test_a_taken_port_is_told_before_anything_starts(here: Path, mergeflow: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        ran = mergeflow("up", "--port", str(port), "--working-tree", cwd=here)
    assert ran.code == 1
    assert ran.err == f"mergeflow: port {port} is taken: choose another with --port\n"
    assert not list(here.rglob("*.db"))


def test_a_taken_port_of_the_site_is_told_before_anything_starts(here: Path, mergeflow: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        ran = mergeflow("up", "--site", "--site-port", str(port), "--working-tree", cwd=here)
    assert ran.code == 1
    assert ran.err == f"mergeflow: port {port} is taken: choose another with --site-port\n"
    assert sorted(each.name for each in here.iterdir()) == ["configs", "dags"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--repo", "nowhere"], "nowhere is neither a folder nor a URL"),
        (["--port", "0"], "Invalid value for '--port'"),
        (["--repo", "https://example.com/x.git", "--working-tree"], "--repo names a URL"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(arguments: list[str], said: str, here: Path, mergeflow: Run) -> None:
    ran = mergeflow("up", *arguments, cwd=here)
    assert ran.code == 2
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_a_folder_that_is_no_repository_is_refused(tmp_path: Path, mergeflow: Run) -> None:
    ran = mergeflow("up", "--working-tree", cwd=tmp_path)
    assert (ran.code, list(tmp_path.iterdir())) == (2, [])
    assert ran.err == "mergeflow: there is no dags/ folder here; run this inside a Mergeflow repository\n"


@pytest.mark.parametrize("content", ["a = [", "tool = 3", "[tool.mergeflow]\nlocal = 1"])
def test_a_broken_pyproject_is_wrong_use(content: str, here: Path, mergeflow: Run) -> None:
    (here / "pyproject.toml").write_text(content)
    ran = mergeflow("up", "--working-tree", cwd=here)
    assert ran.code == 2
    assert "pyproject.toml" in ran.err
    assert ran.err.count("\n") == 1
