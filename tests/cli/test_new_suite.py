"""`mergeflow new suite`: a suite that is right as it is, or one line that says why there is none."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, Repository, Run

Make = Callable[..., Repository]
SUITE, SAMPLE = "validators/expectations/team/orders.yaml", "validators/samples/team/orders.csv"
ROWS = "order_id,mail,state\n" + "".join(f"{i},{i}@example.com,{'paid' if i % 3 else 'open'}\n" for i in range(1, 31))
USES = """\
orders:
  schedule: null
  tasks:
    check:
      operator: mergeflow.airflow.operators.expectations.ExpectationsOperator
      suite: team/orders
      conn_id: orders_db
      table: orders
"""


@pytest.fixture
def made(repository: Make) -> Repository:
    catalog = (ROOT / "validators/catalog.json").read_bytes()
    return repository({"configs/team/.keep": "", "data.csv": ROWS, "validators/catalog.json": catalog})


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("orders", "say whose suite it is, `TEAM/SUITE`: for example `payments/orders`"),
        ("", "say whose suite it is, `TEAM/SUITE`: for example `payments/orders`"),
        ("team/", "`team/` cannot be a suite's name"),
        ("../team/orders", "`../team/orders` cannot be a suite's name"),
        ("team/..", "`team/..` cannot be a suite's name"),
        ("team/a/b", "`team/a/b` cannot be a suite's name"),
        ("team/a b", "`team/a b` cannot be a suite's name"),
        ("team/.hidden", "`team/.hidden` cannot be a suite's name"),
        ("taem/orders", "there is no team `taem` in configs/: did you mean `team`?"),
        ("sales/orders", "there is no team `sales` in configs/: `mergeflow new team sales` makes it"),
    ],
)
def test_a_bad_name_is_refused_with_a_remedy(name: str, said: str, made: Repository, mergeflow: Run) -> None:
    ran = mergeflow("new", "suite", name, "--from", "data.csv", cwd=made.root)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert not (made.root / "validators/expectations").exists()


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("gone.csv", None, "file `gone.csv` cannot be read: no such file or directory"),
        ("folder.csv/x", "", "`folder.csv` is not a regular file"),
        ("data.xlsx", "x", "file `data.xlsx` is none of .csv, .jsonl and .parquet"),
        ("bad.csv", b"\x7fELF\0\0", "is no text: line 1 holds a null character"),
        ("bad.csv", b"a,b\n\xff,1\n", "is not UTF-8: "),
        ("bad.csv", "", "is empty"),
        ("bad.csv", "a,b\n", "has no rows"),
        ("bad.csv", "1,2\n3,4\n", "has no header: `1` on its first line is no column's name"),
        ("bad.csv", f"{'x' * 201},b\n1,2\n", "has no header: its column 1 would have a name of 201 characters"),
        ("bad.csv", "a,b,a\n1,2,3\n", "has two columns `a`"),
        ("bad.csv", "a;b\n1;2\n", "cells are separated by commas"),
        ("bad.jsonl", "[]", "file `bad.jsonl` "),
        ("bad.jsonl", "no JSON", "file `bad.jsonl` cannot be read: "),
        ("bad.parquet", "PAR1", "file `bad.parquet` cannot be read"),
    ],
)
def test_what_is_no_sample_is_one_line(
    file: str, content: str | bytes | None, said: str, made: Repository, mergeflow: Run
) -> None:
    if content is not None:
        made.write({file: content})
    ran = mergeflow("new", "suite", "team/orders", "--from", file.partition("/")[0], cwd=made.root)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert ran.err.count("\n") == 1
    assert not (made.root / SUITE).exists()


@pytest.mark.parametrize("there", [SUITE, SUITE.replace("yaml", "yml"), SAMPLE])
def test_nothing_is_overwritten_and_nothing_half_written(there: str, made: Repository, mergeflow: Run) -> None:
    made.write({there: "mine"})
    ran = mergeflow("new", "suite", "team/orders", "--from", "data.csv", "--keep-sample", cwd=made.root)
    assert (ran.code, ran.out, ran.err) == (2, "", f"mergeflow: {there} exists already, and is not overwritten\n")
    assert (made.root / there).read_text() == "mine"
    assert [each for each in (SUITE, SAMPLE) if (made.root / each).exists()] == [there] * (there in (SUITE, SAMPLE))


def test_a_suite_too_large_for_a_config_is_not_written(made: Repository, mergeflow: Run) -> None:
    names = [f"x{i:0190}" for i in range(5_000)]
    made.write({"wide.csv": ",".join(names) + "\n" + ",".join("x" for _ in names) + "\n"})
    ran = mergeflow("new", "suite", "team/orders", "--from", "wide.csv", cwd=made.root)
    assert (ran.code, ran.out) == (2, "")
    assert "a suite for the 5,000 columns of wide.csv would be too large" in ran.err


def test_a_sample_too_large_for_git_is_not_kept(made: Repository, mergeflow: Run) -> None:
    made.write({"large.csv": "a,b\n" + "1,2\n" * 300_000})
    ran = mergeflow("new", "suite", "team/orders", "--from", "large.csv", "--keep-sample", cwd=made.root)
    assert (ran.code, ran.out) == (2, "")
    assert "large.csv has 1.1 MiB, too many to keep in Git" in ran.err


def test_a_link_that_leads_nowhere_is_not_followed(made: Repository, mergeflow: Run, tmp_path: Path) -> None:
    made.write({"validators/expectations/team/other.yaml": USES})
    (made.root / SUITE).symlink_to(tmp_path / "outside.yaml")
    ran = mergeflow("new", "suite", "team/orders", "--from", "data.csv", cwd=made.root)
    assert (ran.code, ran.err) == (2, f"mergeflow: {SUITE} exists already, and is not overwritten\n")
    assert not (tmp_path / "outside.yaml").exists()


def test_what_is_written_is_clean_once_a_task_uses_it(made: Repository, mergeflow: Run) -> None:
    ran = mergeflow("new", "suite", "team/orders", "--from", "data.csv", "--keep-sample", cwd=made.root)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"wrote {SUITE}\nwrote {SAMPLE}\n{SAMPLE}: make up the values of `mail` ")
    assert (made.root / SAMPLE).read_text() == ROWS
    made.write({"configs/team/a.yaml": USES})
    assert mergeflow("check", cwd=made.root).out == "1 DAG in 1 file, no problems\n"


def test_the_task_that_is_printed_is_right_once_its_connection_is_named(made: Repository, mergeflow: Run) -> None:
    ran = mergeflow("new", "suite", "team/orders", "--from", "data.csv", cwd=made.root)
    task = ran.out.partition("\n\n")[2].replace("…", "orders_db")
    made.write({"configs/team/a.yaml": f"orders:\n  schedule: null\n  tasks:\n{task}"})
    assert mergeflow("check", cwd=made.root).out == "1 DAG in 1 file, no problems\n"


def test_where_no_sample_is_kept_it_says_where_one_would_be(made: Repository, mergeflow: Run) -> None:
    ran = mergeflow("new", "suite", "team/orders", "--from", "data.csv", cwd=made.root)
    assert f"\nKeep rows that you make up as {SAMPLE}: `mergeflow test team/orders` holds them " in ran.out


def test_a_sample_that_is_kept_already_is_not_copied(made: Repository, mergeflow: Run) -> None:
    made.write({SAMPLE: ROWS})
    ran = mergeflow("new", "suite", "team/orders", "--from", SAMPLE, "--keep-sample", cwd=made.root)
    assert (ran.code, ran.out.count("wrote "), ran.err) == (0, 1, "")
    assert "Keep rows" not in ran.out


def test_the_page_that_leads_from_a_sample_to_a_gate_shows_what_is_written(made: Repository, mergeflow: Run) -> None:
    suite, gate = re.findall(r"^```yaml\n(.*?)^```", (ROOT / "docs/suites.md").read_text(), re.MULTILINE | re.DOTALL)
    rows = (
        f"{i},c{i % 17}@example.com,{'paid' if i % 5 else 'open'},{i * 7 % 97 + 3}.{i % 10}5,"
        f"2026-11-02T0{i % 10}:{10 + i}:00"
        for i in range(1, 41)
    )
    made.write({
        "orders.csv": "\n".join(("order_id,email,state,amount,ordered_at", *rows, "")),
        "configs/team/a.yaml": f"{gate.rstrip()}\n",
        "dags/scripts/team/load.sh": "echo load",
        "dags/scripts/team/report.sh": "echo report",
    })  # fmt: skip
    ran = mergeflow("new", "suite", "team/orders", "--from", "orders.csv", cwd=made.root)
    assert (ran.code, (made.root / SUITE).read_text(encoding="utf-8")) == (0, suite)
    assert mergeflow("check", cwd=made.root).out == "1 DAG in 1 file, no problems\n"
