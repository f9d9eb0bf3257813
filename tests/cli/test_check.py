"""`mergeflow check`: what it looks at, what it says, how it ends."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import SimpleNamespace

import pytest

from mergeflow.cli import run
from tests.conftest import ROOT, Repository, Run

E = "airflow.providers.standard.operators.empty.EmptyOperator"
GOOD = f"orders:\n  tasks:\n    load: {{operator: {E}}}\n"
BAD = f"orders:\n  tasks:\n    load: {{operator: {E}, retries: x}}\n"
A, B = "configs/team/a.yaml", "configs/team/b.yaml"
Make = Callable[..., Repository]


def process(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", "from mergeflow.cli import main; main()", *arguments]
    return subprocess.run(command, cwd=root, env=os.environ | environment, capture_output=True, check=False)


def test_a_problem_is_exit_code_1(repository: Make, mergeflow: Run) -> None:
    ran = mergeflow("check", cwd=repository({A: BAD}).root)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.endswith("1 error in 1 of 1 file\n")


def test_no_problem_is_exit_code_0(repository: Make, mergeflow: Run) -> None:
    made = repository({A: GOOD})
    assert mergeflow("check", cwd=made.root) == mergeflow("check", A, cwd=made.root)
    assert mergeflow("check", cwd=made.root).out == "1 DAG in 1 file, no problems\n"
    assert mergeflow("check", "-q", cwd=made.root).out == ""


def test_quiet_still_tells_of_problems(repository: Make, mergeflow: Run) -> None:
    assert "1 error" in mergeflow("check", "--quiet", cwd=repository({A: BAD}).root).out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["chekc"], "No such command 'chekc'"),
        (["check", "--colour"], "No such option"),
        (["check", "gone.yaml"], "gone.yaml does not exist"),
        (["check", "a\nb"], "a b does not exist"),
        (["check", "\x1b[31mred"], "·[31mred does not exist"),
        (["check", "x" * 5000], "does not exist"),
        (["check", ".."], ".. lies outside the repository repository/"),
        (["check", "/"], "/ lies outside the repository repository/"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(
    arguments: list[str], line: str, repository: Make, mergeflow: Run
) -> None:
    ran = mergeflow(*arguments, cwd=repository({A: GOOD}).root)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("mergeflow: ")
    assert line in ran.err
    assert ran.err.count("\n") == 1
    assert ran.err.strip().isprintable()


def test_outside_a_repository_it_says_so(tmp_path: Path, mergeflow: Run) -> None:
    ran = mergeflow("check", cwd=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "mergeflow: there is no configs/ folder here or above; run this inside a Mergeflow repository\n"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"common": 5, "operators": {}}', "\x00",
    '{"common": [], "operators": {"a.B": 5}}', '{"common": [], "operators": {"a.B": {}}}', "[" * 100_000])  # fmt: skip
def test_a_catalog_that_is_none_is_wrong_use(content: str, repository: Make, mergeflow: Run) -> None:
    ran = mergeflow("check", cwd=repository({A: GOOD, "validators/catalog.json": content}).root)
    hint = "validators/catalog.json cannot be read: it is not a catalog; `mergeflow catalog build` writes it anew"
    assert (ran.code, ran.out, ran.err) == (2, "", f"mergeflow: {hint}\n")


def test_a_catalog_that_cannot_be_read_is_wrong_use(repository: Make, mergeflow: Run) -> None:
    made = repository({A: GOOD})
    (made.root / "validators/catalog.json").unlink()
    (made.root / "validators/catalog.json").mkdir()
    assert (
        mergeflow("check", cwd=made.root).err == "mergeflow: validators/catalog.json cannot be read: Is a directory\n"
    )


def test_a_crash_is_one_line_exit_code_3_and_a_report(
    repository: Make, mergeflow: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("first line\nsecond \x1b[31mline")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", partial(NamedTemporaryFile, dir=tmp_path))
    monkeypatch.setattr("mergeflow.cli.checking.find_root", crash)
    ran = mergeflow("check", cwd=repository({A: GOOD}).root)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.count("\n") == 1
    assert ran.err.strip().isprintable()
    assert "Traceback" not in ran.err
    (report,) = tmp_path.glob("mergeflow-report-*.txt")
    assert ran.err.endswith(f"Please report it with {report}\n")
    assert "RuntimeError: first line" in report.read_text()


def test_a_crash_without_room_for_a_report_is_still_one_line(
    repository: Make, mergeflow: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.NamedTemporaryFile", partial(NamedTemporaryFile, dir=tmp_path / "gone"))
    monkeypatch.setattr("mergeflow.cli.checking.find_root", lambda _: 1 / 0)
    ran = mergeflow("check", cwd=repository({A: GOOD}).root)
    assert (ran.code, ran.out, ran.err.count("\n")) == (3, "", 1)
    assert "A report cannot be written: No such file or directory" in ran.err


def test_an_interruption_ends_like_one(repository: Make, mergeflow: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr("mergeflow.cli.checking.find_root", interrupt)
    assert mergeflow("check", cwd=repository({A: GOOD}).root).code == 130


def test_a_reader_that_goes_away_is_no_success_and_no_traceback(repository: Make) -> None:
    made = repository({f"configs/team/{i}.yaml": f"d{i}: 1\n" * 9 for i in range(300)})
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-c", "from mergeflow.cli import main; main()", "check", "--all"]
    done = subprocess.run(command, cwd=made.root, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_terminal_without_unicode_gets_the_report_all_the_same(encoding: str, repository: Make) -> None:
    text = f'"注文":\n  tasks: {{a: {{operator: {E}, dependencies: [a]}}, 📦: {{operator: {E}}}}}\n'
    done = process(repository({A: text}).root, "check", PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"2 errors in 1 of 1 file" in done.stdout


@pytest.mark.parametrize(("terminal", "environment", "codes"), [(True, "", "\x1b["), (True, "1", ""), (False, "", "")])
def test_color_is_for_terminals_whose_users_want_it(
    terminal: object, environment: str, codes: str, repository: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    stdout = SimpleNamespace(isatty=lambda: terminal, write=shown.append, flush=lambda: None)
    monkeypatch.setenv("NO_COLOR", environment)
    monkeypatch.setattr("mergeflow.cli.edge.sys.stdout", stdout)
    monkeypatch.chdir(repository({A: BAD}).root)
    assert run(["check"]) == 1
    assert ("\x1b[" in shown[0]) == bool(codes)


def test_a_duplicate_in_another_file_is_reported_from_either_side(repository: Make, mergeflow: Run) -> None:
    made = repository({A: GOOD, B: GOOD, "configs/team/c.yaml": "- no DAG"})
    for path in (A, B):
        ran = mergeflow("check", path, cwd=made.root)
        assert ran.code == 1
        assert f"{B}:1:1: error: DAG `orders` is defined twice [duplicate-dag-id]" in ran.out
        assert f"the first definition: {A}:1:1" in ran.out
        assert "c.yaml" not in ran.out


@pytest.mark.parametrize(
    "other",
    ["'orders': {tasks: {}}", '{"orders": {}}', "  orders :\n    tasks: {}", "? orders\n: {}", "x: 1\r\norders: {}"],
)
def test_a_duplicate_is_found_however_it_is_written(other: str, repository: Make, mergeflow: Run) -> None:
    ran = mergeflow("check", A, cwd=repository({A: GOOD, B: other}).root)
    assert "DAG `orders` is defined twice" in ran.out


def test_the_problems_of_other_files_are_not_reported(repository: Make, mergeflow: Run) -> None:
    made = repository({A: GOOD, B: "payments: 1\n", "configs/team/orders.yaml": "x: {\n"})
    assert mergeflow("check", A, cwd=made.root).out == "1 DAG in 1 file, no problems\n"


def test_a_broken_default_above_a_file_is_reported_with_it(repository: Make, mergeflow: Run) -> None:
    made = repository(
        {A: GOOD, "configs/defaults.yml": "catchup: maybe\n", "configs/other/defaults.yml": "catchup: maybe\n"}
    )
    ran = mergeflow("check", A, cwd=made.root)
    assert ran.code == 1
    assert "configs/defaults.yml:1:10" in ran.out
    assert "configs/other" not in ran.out


def test_a_changed_default_checks_everything_below_it(repository: Make, mergeflow: Run) -> None:
    made = repository({A: BAD, "configs/team/defaults.yml": "catchup: false\n", "configs/b.yaml": BAD})
    ran = mergeflow("check", "configs/team/defaults.yml", cwd=made.root)
    assert f"{A}:3:" in ran.out
    assert "configs/b.yaml:3" not in ran.out


@pytest.mark.parametrize(
    "arguments", [["."], [], ["../team"], ["a.yaml"], ["../../configs"], ["../../configs/./team/../team/a.yaml"]]
)
def test_paths_are_shown_from_the_root_wherever_one_stands(
    arguments: list[str], repository: Make, mergeflow: Run
) -> None:
    made = repository({A: BAD})
    ran = mergeflow("check", *arguments, cwd=made.root / "configs/team")
    assert ran.out.startswith(f"{A}:3:89: error: `retries` in task `load`")
    assert str(made.root.parent) not in ran.out


def test_absolute_paths_and_links_to_the_repository_are_understood(repository: Make, mergeflow: Run) -> None:
    made = repository({A: BAD})
    (made.root.parent / "link").symlink_to(made.root)
    for path in (made.root / A, made.root.parent / "link" / A):
        assert mergeflow("check", str(path), cwd=made.root).out.startswith(f"{A}:3:")


def test_what_is_no_config_is_not_checked(repository: Make, mergeflow: Run) -> None:
    made = repository({A: BAD, "README.md": "", "dags/x.yaml": "[", "configs/team/notes.txt": "["})
    for path in ("README.md", "dags", "dags/x.yaml", "configs/team/notes.txt"):
        assert mergeflow("check", path, cwd=made.root).out == "0 DAGs in 0 files, no problems\n"


def test_the_output_is_the_same_every_time(repository: Make) -> None:
    shipped = {f"configs/team/{path.stem}.yaml": path.read_bytes() for path in (ROOT / "tests/cases").glob("*/*.yaml")}
    root = repository(shipped).root
    outputs = {process(root, "check", "--all", PYTHONHASHSEED=seed).stdout for seed in ("1", "2", "3")}
    assert len(outputs) == 1


MACHINES = ("json", "github", "sarif")
MANY = "".join(f"d{i}: 1\n" for i in range(120))


def count(form: str, out: str) -> int:
    """How many problems an output tells of; fails when it holds anything else."""
    if form == "github":
        lines = out.splitlines()
        assert all(re.match(r"::error file=configs/team/a\.yaml,line=\d+", line) for line in lines)
        return len(lines)
    read = json.loads(out)
    return len(read["diagnostics"] if form == "json" else read["runs"][0]["results"])


@pytest.mark.parametrize("form", ["", "jsn", "TEXT", "markdown"])
def test_an_unknown_format_is_wrong_use(form: str, repository: Make, mergeflow: Run) -> None:
    ran = mergeflow("check", "--format", form, cwd=repository({A: BAD}).root)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)


@pytest.mark.parametrize("form", MACHINES)
def test_what_programs_read_holds_every_problem_and_nothing_else(form: str, repository: Make, mergeflow: Run) -> None:
    root = repository({A: MANY}).root
    ran = mergeflow("check", "--format", form, cwd=root)
    assert (ran.code, ran.err, count(form, ran.out)) == (1, "", 120)
    assert mergeflow("check", "--all", "--format", form, cwd=root) == ran
    assert "50" in mergeflow("check", "--help").out


@pytest.mark.parametrize("form", MACHINES)
def test_no_problem_is_exit_code_0_in_every_format(form: str, repository: Make, mergeflow: Run) -> None:
    root = repository({A: GOOD}).root
    ran = mergeflow("check", "--format", form, cwd=root)
    assert (ran.code, ran.err, count(form, ran.out)) == (0, "", 0)
    assert (ran.out == "") == (form == "github")
    assert mergeflow("check", "-q", "--format", form, cwd=root).out == ""


@pytest.mark.parametrize("form", MACHINES)
def test_wrong_use_leaves_standard_output_empty(form: str, repository: Make, mergeflow: Run) -> None:
    ran = mergeflow("check", "--format", form, "gone.yaml", cwd=repository({A: GOOD}).root)
    assert (ran.code, ran.out) == (2, "")


@pytest.mark.parametrize("form", MACHINES)
def test_what_programs_read_is_the_same_every_time_and_in_every_encoding(form: str, repository: Make) -> None:
    shipped = {f"configs/team/{path.stem}.yaml": path.read_bytes() for path in (ROOT / "tests/cases").glob("*/*.yaml")}
    root = repository(shipped).root
    runs = [("1", "utf-8"), ("2", "utf-8"), *([("1", "ascii")] if form != "github" else [])]
    done = [
        process(root, "check", "--format", form, PYTHONHASHSEED=seed, PYTHONIOENCODING=encoding)
        for seed, encoding in runs
    ]
    assert {(each.returncode, each.stderr) for each in done} == {(1, b"")}
    assert len({each.stdout for each in done}) == 1
    assert str(root).encode() not in done[0].stdout


def test_text_does_not_load_what_other_formats_need(repository: Make) -> None:
    command = "import sys; from mergeflow.cli import run; run(['check']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=repository({A: BAD}).root, capture_output=True, text=True, check=False
    )
    loaded = {f"mergeflow.render.{each}" for each in ("as_json", "github", "sarif", "rules", "hooks")}
    assert "mergeflow.render.text" in done.stderr.split()
    assert not loaded & set(done.stderr.split())
    assert "mergeflow.rules.page" not in done.stderr.split()


def test_help_and_version_are_fine(mergeflow: Run) -> None:
    assert mergeflow("check", "--help").code == 0
    assert mergeflow("--version").out.startswith("mergeflow ")


def test_no_command_at_all_shows_the_help(mergeflow: Run) -> None:
    ran = mergeflow()
    assert ran.code == 2
    assert "Usage: mergeflow" in ran.out


def committed(made: Repository, *, then: dict[str, str | bytes] | None = None) -> Path:
    """The repository with all of it committed, and files that came later."""
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for command in (["init", "-q"], ["add", "--all"], ["commit", "-q", "-m", "a change"]):
        subprocess.run(["git", "-C", made.root, *identity, *command], check=True)
    made.write(then or {})
    return made.root


@pytest.mark.parametrize("more", [["--changed", "HEAD"], [A], ["--watch"]])
def test_a_revision_is_checked_as_a_whole(repository: Make, mergeflow: Run, more: list[str]) -> None:
    ran = mergeflow("check", "--revision", "HEAD", *more, cwd=committed(repository({A: GOOD})))
    assert (ran.code, ran.out) == (2, "")
    assert "--revision checks all of a revision" in ran.err


@pytest.mark.parametrize("revision", ["gone", "--help", "HEAD:configs", ""])
def test_a_revision_that_is_none_is_wrong_use(repository: Make, mergeflow: Run, revision: str) -> None:
    ran = mergeflow("check", f"--revision={revision}", cwd=committed(repository({A: GOOD})))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1


def test_a_revision_is_checked_as_git_has_it(repository: Make, mergeflow: Run) -> None:
    root = committed(repository({A: BAD}), then={A: GOOD, B: "{"})
    ran = mergeflow("check", "--revision", "HEAD", cwd=root)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.startswith(f"{A}:3:")
    assert ran.out.endswith("1 error in 1 of 1 file\n")
    root = committed(repository({A: GOOD, B: GOOD.replace("orders", "others")}), then={A: BAD})
    assert mergeflow("check", "--revision", "HEAD", cwd=root).out == "2 DAGs in 2 files, no problems\n"


def test_a_revisions_house_rules_are_not_run(repository: Make, mergeflow: Run, tmp_path: Path) -> None:
    rule = f"from pathlib import Path\n\nPath({str(tmp_path / 'trace')!r}).touch()\n"
    root = committed(repository({A: GOOD, "validators/rules/no_weekends.py": rule}))
    assert mergeflow("check", "--revision", "HEAD", cwd=root).code == 0
    assert not (tmp_path / "trace").exists()
    mergeflow("check", cwd=root)
    assert (tmp_path / "trace").exists()
