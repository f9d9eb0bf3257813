"""Samples against suites: nothing that cannot be looked at ever passes, and what broke is shown with its rows."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mergeflow import tested
from mergeflow.tested import Kind, Status
from mergeflow.testing.samples import check_sample, check_samples, plan_samples
from tests.conftest import ROOT, Repository
from tests.quality.quietly import import_great_expectations

Make = Callable[..., Repository]
SUITE, SAMPLE = "validators/expectations/team/orders.yaml", "validators/samples/team/orders.csv"
ORDERS = """\
columns:
  order_id: {type: integer, nullable: false}
  mail: {type: text, sensitive: true}
  amount: {type: number}
expectations:
  - {expectation: expect_column_values_to_be_unique, column: order_id}
  - {expectation: expect_column_values_to_be_between, column: amount, max_value: 100, severity: warning}
"""
GOOD = "order_id,mail,amount\n1,ann@example.com,9.5\n2,bob@example.com,20\n"


@pytest.fixture(scope="module", autouse=True)
def _great_expectations() -> None:
    import_great_expectations()


def held(made: Repository, content: str | bytes, path: str = SAMPLE, suite: str = ORDERS) -> tested.Tested:
    made.write({SUITE: suite, path: content})
    return check_sample(made.root, path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"order_id,mail,amount\n", "has no rows"),
        ("order_id,mail,amount\n1,é,2\n".encode("latin-1"), "is not UTF-8: "),
        (GOOD.encode("utf-16"), "is not UTF-8: "),
        (b"order_id,mail,amount\n1,\0\0,2\n", "is no text: line 2 holds a null character"),
        (b"PK\x03\x04\x14\0\0\0\x08\0", "is no text: line 1 holds a null character"),
        (b"1,ann,9.5\n2,bob,20\n", "has no header: `1` on its first line is no column's name"),
        (b",order_id,mail,amount\n0,1,a,2\n", "has no name for its column 1"),
        (b"order_id,mail,mail\n1,a,b\n", "has two columns `mail`"),
        (b"order_id;mail;amount\n1;a;2\n", "has one column, whose name holds `;`"),
        (b"order_id,mail,amount\n1,a,2,9\n2,b,3,9\n", "has 4 cells on line 2, and its header names 3"),
        (b'order_id,mail,amount\n1,"a,2\n', "cannot be read: "),
    ],
)
def test_what_is_no_table_is_an_error(content: bytes, said: str, repository: Make) -> None:
    found = held(repository(), content)
    assert (found.status, found.kind, found.path, found.name) == (Status.ERROR, Kind.SAMPLE, SAMPLE, "orders.csv")
    assert said in found.message
    assert "\n" not in found.message


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        ("jsonl", b""),
        ("jsonl", b"[1, 2]\n"),
        ("jsonl", b'{"order_id": 1,\n'),
        ("jsonl", b"1\n2\n"),
        ("jsonl", b'{"order_id": "\xff"}\n'),
        ("parquet", b"PAR1 and no more"),
    ],
)
def test_no_other_form_passes_either(suffix: str, content: bytes, repository: Make) -> None:
    found = held(repository(), content, SAMPLE.replace("csv", suffix))
    assert (found.status, "\n" in found.message) == (Status.ERROR, False)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"order_id,mail,amount\n1,a,2\nx,b,3\n", "column_type (column: order_id, type: integer): it is text"),
        (b"mail,amount\na,2\n", "expect_column_to_exist (column: order_id)"),
        (b"order_id,mail,amount\n,a,2\n,b,3\n", "2 of 2 values"),
        (b"order_id,mail,amount\n1,a,2\n1,b,3\n", "2 of 2 values, such as 1 (row 1), 1 (row 2)"),
    ],
)
def test_data_of_another_kind_fails(content: bytes, said: str, repository: Make) -> None:
    found = held(repository(), content)
    assert found.status is Status.FAILED
    assert said in found.message


def test_the_rows_that_broke_it_are_shown_without_what_is_sensitive(repository: Make) -> None:
    found = held(repository(), 'order_id,mail,amount\n1,"a\nb",2\n7,ann@example.com,\n8,bob,3\n7,cee,5\n')
    assert found.message.splitlines()[2:] == [
        "  row 2: order_id 7, mail •••, amount null",
        "  row 4: order_id 7, mail •••, amount 5.0",
    ]
    assert found.line == 4, "the first row that broke it begins there: the row before has two lines"
    assert "ann@" not in found.message


def test_a_row_that_stops_comes_before_one_that_only_warns(repository: Make) -> None:
    found = held(repository(), "order_id,mail,amount\n1,a,500\n2,b,1\n2,c,1\n")
    assert [line.split()[1] for line in found.message.splitlines()[3:]] == ["2:", "3:", "1:"]
    assert found.line == 3
    blank = held(repository(), "\norder_id,mail,amount\n\n1,a,5\n \n2,b,1\n1,c,1\n")
    assert (blank.line, blank.message.splitlines()[2].split(":")[0]) == (4, "  row 1"), "blank lines are no rows"


def test_a_row_of_json_lines_has_its_line(repository: Make) -> None:
    lines = '{"order_id": 1, "mail": "a", "amount": 1}\n\n{"order_id": 1, "mail": "a", "amount": 1}\n'
    found = held(repository(), "\n" + lines, SAMPLE.replace("csv", "jsonl"))
    assert (found.status, found.line) == (Status.FAILED, 2)


def test_a_warning_is_told_and_stops_nobody(repository: Make) -> None:
    found = held(repository(), "order_id,mail,amount\n1,a,101\n")
    assert found.status is Status.PASSED
    assert "warning: expect_column_values_to_be_between" in found.message


def test_a_warning_that_cannot_be_looked_at_is_an_error(repository: Make) -> None:
    suite = (
        "expectations:\n- {expectation: expect_column_max_to_be_between, column: x, max_value: 1, severity: warning}\n"
    )
    assert held(repository(), GOOD, suite=suite).status is Status.ERROR


@pytest.mark.parametrize(
    "suite", ["columns: [", "expectations: []\n", "expectations:\n- {expectation: expect_nothing}\n"]
)
def test_a_suite_that_is_none_is_an_error(suite: str, repository: Make) -> None:
    assert held(repository(), GOOD, suite=suite).status is Status.ERROR


def test_what_only_a_database_can_answer_is_left_out_but_never_all_there_is(repository: Make) -> None:
    only = "- {expectation: unexpected_rows_expectation, unexpected_rows_query: 'SELECT 1'}\n"
    assert held(repository(), GOOD, suite=f"{ORDERS}  {only}").status is Status.PASSED
    assert held(repository(), GOOD, suite=f"expectations:\n{only}").status is Status.ERROR


def test_what_leads_out_of_the_repository_is_not_read(repository: Make, tmp_path: Path) -> None:
    made = repository({SUITE: ORDERS, "validators/samples/team/orders/a.csv": GOOD})
    (tmp_path / "secret.csv").write_text(GOOD)
    (made.root / SAMPLE).symlink_to(tmp_path / "secret.csv")
    assert "is a symbolic link out of the repository" in check_sample(made.root, SAMPLE).message
    os.mkfifo(made.root / "validators/samples/team/orders/b.csv")
    said = [each.message for each in check_samples(made.root)]
    assert "is not a regular file" in said[-1]


def test_a_good_sample_passes_and_says_what_took_its_time(repository: Make) -> None:
    found = held(repository(), GOOD)
    assert (found.status, found.message, found.line) == (Status.PASSED, "", 1)
    assert found.seconds == pytest.approx(sum(each.seconds for each in found.steps))
    assert len(found.steps) == 4


def test_a_byte_order_mark_and_other_line_ends_are_no_matter(repository: Make) -> None:
    assert held(repository(), b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()).status is Status.PASSED


def test_a_sample_belongs_to_the_suite_of_its_name_or_of_its_folder(repository: Make) -> None:
    folder = "validators/samples/team/orders/empty_basket.csv"
    made = repository({SUITE: ORDERS, folder: GOOD, SAMPLE: GOOD, "validators/samples/team/orders/README.md": "x"})
    assert plan_samples(made.root).paths == (SAMPLE, folder)
    assert plan_samples(made.root, {folder}).paths == (folder,)
    assert plan_samples(made.root, {SUITE}).paths == (SAMPLE, folder)
    assert plan_samples(made.root, ()).paths == ()


def test_what_no_suite_can_be_held_against_is_an_error_unless_a_config_names_it(repository: Make) -> None:
    odd, named = (f"validators/samples/team/orders/{each}.xlsx" for each in ("odd", "named"))
    made = repository({SUITE: ORDERS, SAMPLE: GOOD, odd: "x", named: "x", "configs/team/a.yaml": f"# {named}\n",
                       "validators/samples/team/orders.sql": "SELECT 1"})  # fmt: skip
    assert [(each.path, each.status) for each in check_samples(made.root)] == [
        (SAMPLE, Status.PASSED),
        (odd, Status.ERROR),
    ]


def test_samples_without_a_suite_and_suites_without_a_sample_are_told(repository: Make) -> None:
    lost, fixture = "validators/samples/team/ordres.csv", "validators/samples/team/feed.csv"
    made = repository({SUITE: ORDERS, lost: GOOD, fixture: GOOD, "configs/team/a.yaml": f"# {fixture}\n"})
    assert [(each.path, each.status, each.message) for each in check_samples(made.root)] == [
        (lost, Status.ERROR, "no suite is held against this sample: did you mean `team/orders`?"),
        (SUITE, Status.SKIPPED, "no sample is held against this suite: validators/samples/team/orders.csv would be"),
    ]
    assert plan_samples(made.root, {fixture}).told == ()


def test_the_samples_of_this_repository_hold() -> None:
    found = list(check_samples(ROOT))
    assert [each for each in found if each.status is not Status.PASSED or each.message] == []
    assert len(found) >= 2
