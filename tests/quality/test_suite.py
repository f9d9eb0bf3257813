"""A suite is read from the repository, and whatever is wrong with it is one error for the user."""

from pathlib import Path

import pytest

from mergeflow.quality.suite import Column, Expectation, Suite, SuiteError, find_root, read_suite

GOOD = """\
description: Orders, as they come in
dataset: orders
columns:
  id: {type: integer, nullable: false}
  amount:
expectations:
- {expectation: expect_column_values_to_be_unique, column: id}
- {expectation: ExpectTableRowCountToEqual, value: 3, severity: warning}
"""


def write(root: Path, name: str, content: str | bytes) -> None:
    file = root / "validators/expectations" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.mark.parametrize("file", ["team/orders.yaml", "team/orders.yml"])
def test_a_suite_is_read(tmp_path: Path, file: str) -> None:
    write(tmp_path, file, GOOD)
    assert read_suite(tmp_path, "team/orders") == Suite(
        "team/orders",
        (Column("id", "integer", nullable=False), Column("amount")),
        (
            Expectation("expect_column_values_to_be_unique", {"column": "id"}),
            Expectation("ExpectTableRowCountToEqual", {"value": 3}, "warning"),
        ),
    )


def test_columns_may_be_a_list(tmp_path: Path) -> None:
    write(tmp_path, "team/a.yaml", "columns: [{name: id, type: text}]\nexpectations: [{expectation: expect_x}]\n")
    assert read_suite(tmp_path, "team/a").columns == (Column("id", "text"),)


@pytest.mark.parametrize("name", ["orders", "../team/orders", "team/../../orders", "/etc/passwd", "", "team/{{ ds }}"])
def test_a_name_leads_nowhere_but_to_a_team_s_suite(tmp_path: Path, name: str) -> None:
    write(tmp_path, "orders.yaml", GOOD)
    with pytest.raises(SuiteError, match="a suite is named `team/name`"):
        read_suite(tmp_path, name)


def test_a_suite_that_is_not_there_is_named_with_its_file(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match=r"^there is no suite `team/a`: validators/expectations/team/a\.yaml does not"):
        read_suite(tmp_path, "team/a")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("- 1\n", "a.yaml:1:1: error: this suite must be a mapping, not a list [wrong-type]"),
        ("", "this suite must be a mapping, not empty"),
        ("expectations: []\n", "a.yaml:1:15: error: this suite has no expectations"),
        ("dataset: x\n", "this suite has no `expectations`"),
        ("expectations:\n- expect_x\n", "a.yaml:2:3: error: expectation 1 must be a mapping, not text"),
        ("expectations:\n- {column: id}\n", "a.yaml:2:3: error: expectation 1 has no `expectation`"),
        ("expectations:\n- {expectation: expect_x, severity: crit}\n", "not `crit`"),
        ("expectations: [{expectation: expect_x}]\ncolumns: {id: {type: int}}\n", "not `int`"),
        ("expectations: [{expectation: expect_x}]\ncolumns: [{type: text}]\n", "column 1 has no `name`"),
        ("expectations: [\n", "[invalid-yaml]"),
        (b"\xff", "[invalid-yaml]"),
    ],
)
def test_a_suite_that_is_none_is_told_with_its_line(tmp_path: Path, content: str | bytes, said: str) -> None:
    write(tmp_path, "team/a.yaml", content)
    with pytest.raises(SuiteError) as caught:
        read_suite(tmp_path, "team/a")
    assert str(caught.value).startswith("suite `team/a` cannot be used\nvalidators/expectations/team/a.yaml:")
    assert said in str(caught.value)


def test_the_repository_is_found_from_a_stub(tmp_path: Path) -> None:
    write(tmp_path, "team/a.yaml", GOOD)
    assert find_root(tmp_path / "dags/team.py") == tmp_path
    with pytest.raises(SuiteError, match="there is no validators/expectations/"):
        find_root(tmp_path.parent / "dags/team.py")
