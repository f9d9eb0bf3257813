"""The command: what it writes, and how it ends."""

import sys
from pathlib import Path

import pytest

from tests.benchmarks import __main__ as command
from tests.benchmarks.rows import BUILD, BY_HAND, DAG_FACTORY, LINT, MERGEFLOW, QUICK, ROWS, SIZES
from tests.benchmarks.samples import Key, Samples


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    monkeypatch.setattr(command, "DOCS", folder)
    monkeypatch.setattr(command, "RAW", tmp_path / "raw")
    return folder


def samples(path: Path, seconds: float) -> Samples:
    """As if all had been measured; the peers take a second, but the file by hand as long as Mergeflow."""
    slow = {DAG_FACTORY, LINT}
    values = {
        Key(row.key, dags, who): [1.0 if who in slow else seconds] * 5
        for row in ROWS
        for dags in (*SIZES, QUICK)
        for who in (MERGEFLOW, BY_HAND, *slow)
    }
    return Samples(path, values, {"fleet": 1000, "sizes": list(SIZES), "missing": {}, "failed": {}})


def call(monkeypatch: pytest.MonkeyPatch, seconds: float, *arguments: str, failed: str = "") -> int:
    """Run the command with made-up measurements."""

    def run(_: object, found: Samples) -> None:
        made = samples(found.path, seconds)
        found.values, found.facts = made.values, made.facts | {"failed": {failed: "why"} if failed else {}}
        found.save()

    monkeypatch.setattr(command, "run", run)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["bench", *arguments])
    return command.main()


def test_a_whole_run_writes_the_page_and_its_pictures(docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert call(monkeypatch, 0.001) == 0
    names = {path.name for path in docs.iterdir()}
    assert names == {"benchmarks.md", "benchmark-build.svg", "benchmark-task-start.svg"}
    text = (docs / "benchmarks.md").read_text()
    assert all(f"]({name})" in text for name in names if name.endswith(".svg"))


def test_a_missed_goal_is_named_and_the_page_is_written(
    docs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, 0.1) == 1
    assert "missed: check one changed file, whole process against dagfactory lint\n" in capsys.readouterr().err
    assert "**no**" in (docs / "benchmarks.md").read_text()


@pytest.mark.parametrize(
    "arguments", [["--only", "plan"], ["--sizes", "10,100"], ["--no-live"], ["--no-write"], ["--rounds", "2"]]
)
def test_a_part_of_a_run_writes_nothing(docs: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    call(monkeypatch, 0.001, *arguments)
    assert list(docs.iterdir()) == []


def test_a_run_in_which_something_failed_writes_nothing_and_ends_with_1(
    docs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, 0.001, failed="live, mergeflow") == 1
    assert list(docs.iterdir()) == []
    assert "not measured: live, mergeflow: why" in capsys.readouterr().err


def test_the_page_is_made_from_raw_results(docs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    samples(tmp_path / "raw.json", 0.001).save()
    monkeypatch.setattr(sys, "argv", ["bench", "--page-from", str(tmp_path / "raw.json")])
    assert command.main() == 0
    assert (docs / "benchmarks.md").exists()


def test_the_quick_form_writes_no_page(docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert call(monkeypatch, 0.001, "--quick") == 0
    assert list(docs.iterdir()) == []


def test_the_quick_form_ends_with_1_when_a_ratio_is_past_its_bar(
    docs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, 0.5, "--quick") == 1
    lines = capsys.readouterr().out.splitlines()
    assert f"PAST ITS BAR: {BUILD.title}: 1/2 of dag-factory (1/2 to 1/2, bar 1/2.5)" in lines
    assert f"ok: {BUILD.title}: 1.00 of by hand (1.00 to 1.00, bar 1.90)" in lines
    assert list(docs.iterdir()) == []
