"""What runs the contenders: a peer that is not there, and one that does less than it should."""

import json
import sys
from pathlib import Path

import pytest

from tests.benchmarks import contenders, fleet
from tests.benchmarks.contenders import ContenderError, memory, missing, parse, whole_process


def test_a_peer_that_cannot_be_imported_is_named_with_the_reason() -> None:
    absent = dict(missing({"json": "json", "gone": "no_such_module"}))
    assert absent == {"gone": "ModuleNotFoundError: No module named 'no_such_module'"}


def test_a_command_that_fails_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(ContenderError, match="exited with 3"):
        whole_process((sys.executable, "-c", "raise SystemExit(3)"), tmp_path, {})


def test_a_command_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contenders, "TIMEOUT", 0.2)
    with pytest.raises(ContenderError, match=r"did not end in 0\.2 s"):
        whole_process((sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)"), tmp_path, {})


@pytest.mark.parametrize(("dags", "fine"), [(5, True), (4, False)])
def test_a_parse_that_gives_other_dags_is_no_measurement(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    dags: int,
    fine: bool,  # noqa: FBT001
) -> None:
    said = json.dumps({"seconds": 1.0, "imports": 2.0, "peak": 3.0, "dags": dags})
    monkeypatch.setattr(contenders, "_run", lambda *_: f"a warning\n{said}\n")
    if fine:
        assert parse("mergeflow", tmp_path, {}, 5).seconds == 1.0
    else:
        with pytest.raises(ContenderError, match="was to build 5 DAGs"):
            parse("mergeflow", tmp_path, {}, 5)


def test_what_the_bundles_take_is_read_from_their_table(monkeypatch: pytest.MonkeyPatch) -> None:
    said = """\
medians of 21 starts, ms         CPU  clock
 GitDagBundle: bundle              80.5  160.0
 GitDagBundle: DAG                  9.5   10.0
 ConfigBundle: bundle               1.5    2.0
 ConfigBundle: DAG                  9.0   10.0
"""
    monkeypatch.setattr(contenders, "_run", lambda *_: said)
    assert contenders.bundles({}) == {"GitDagBundle": 0.16, "ConfigBundle": 0.002}


def test_memory_is_the_commands_own_and_not_its_parents(tmp_path: Path) -> None:
    ballast = bytearray(300 << 20)
    ballast[:: 1 << 12] = b"1" * len(range(0, len(ballast), 1 << 12))
    small = memory((sys.executable, "-I", "-S", "-c", "pass"), tmp_path, {})
    large = memory((sys.executable, "-I", "-S", "-c", "bytearray(b'1') * (200 << 20)"), tmp_path, {})
    assert small < 60
    assert 200 <= large < 260


@pytest.mark.parametrize(("dags", "teams"), [(10, 1), (100, 2), (1000, 20), (5000, 100), (10_000, 100)])
def test_teams_of_a_fleet(dags: int, teams: int) -> None:
    assert fleet.teams_of(dags) == teams


def test_every_contender_has_the_same_dags(tmp_path: Path) -> None:
    root = fleet.write(tmp_path / "fleet", 7)
    configs = {path.name.removesuffix(".yaml") for path in root.glob("configs/*/*.yaml")}
    assert configs == {path.name.removesuffix(".dag.yaml") for path in root.glob("blueprint/*.dag.yaml")}
    assert len(configs) == 7
    assert (root / fleet.config(7, 6)).exists()
