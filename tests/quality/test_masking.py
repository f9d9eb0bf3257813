"""The values of a sensitive column are shown nowhere: not in a message, a summary, a document, or a log."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text

from mergeflow.quality.batch import of_query, of_table
from mergeflow.quality.frames import of_file
from mergeflow.quality.masking import MASK, Masking, masking_of
from mergeflow.quality.outcome import Example
from mergeflow.quality.result import Result
from mergeflow.quality.suite import Column, Expectation, Suite
from mergeflow.quality.validate import validate

SECRETS = ("alice@example.org", "bob@example.org")
COLUMNS = (Column("email", "integer", nullable=False, sensitive=True), Column("id", sensitive=True), Column("n"))
BREAKING = [
    ("expect_column_values_to_match_regex", {"column": "email", "regex": "^z"}),
    ("expect_column_values_to_be_in_set", {"column": "email", "value_set": ["z"]}),
    ("expect_column_values_to_not_be_in_set", {"column": "email", "value_set": ["alice@example.org"]}),
    ("ExpectColumnValuesToMatchRegex", {"column": "email", "regex": "^z"}),
    ("expect_column_max_to_be_between", {"column": "email", "max_value": "0"}),
    ("expect_column_distinct_values_to_be_in_set", {"column": "email", "value_set": ["z"]}),
    ("expect_column_distinct_values_to_contain_set", {"column": "n", "value_set": [9]}),
    ("expect_column_most_common_value_to_be_in_set", {"column": "email", "value_set": ["z"]}),
    ("expect_column_value_lengths_to_equal", {"column": "email", "value": 2}),
    ("expect_column_pair_values_to_be_equal", {"column_A": "n", "column_B": "email"}),
    ("expect_select_column_values_to_be_unique_within_record", {"column_list": ["n", "id"]}),
    ("expect_compound_columns_to_be_unique", {"column_list": ["n", "email"]}),
    ("unexpected_rows_expectation", {"unexpected_rows_query": "SELECT email AS e FROM {batch}"}),
    ("expect_column_values_to_be_between", {"column": "n", "max_value": -1}),
]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = create_engine(f"sqlite:///{tmp_path}/data.db", hide_parameters=True)
    with made.begin() as connection:
        connection.execute(text("CREATE TABLE people (email TEXT, id INTEGER, n INTEGER, PRIMARY KEY (email, id))"))
        connection.execute(text("INSERT INTO people VALUES ('alice@example.org', 1, 1), ('bob@example.org', 2, 1)"))
    yield made
    made.dispose()


def told(result: Result) -> str:
    """Everything that is ever shown of a result."""
    return f"{result}\n{json.dumps(result.summary())}\n{json.dumps(result.document(), allow_nan=False)}\n{result!r}"


@pytest.mark.usefixtures("_great_expectations")
@pytest.mark.parametrize("source", ["table", "query", "file"])
def test_a_sensitive_value_is_shown_nowhere(
    source: str, engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    suite = Suite("team/people", COLUMNS, tuple(Expectation(name, given) for name, given in BREAKING))
    if source == "file":
        (tmp_path / "a.csv").write_text("email,id,n\nalice@example.org,1,1\nbob@example.org,2,1\n")
        batch = of_file(tmp_path / "a.csv", "a.csv", [])
    else:
        batch = of_table(engine, "people") if source == "table" else of_query(engine, "SELECT * FROM people")
    result = validate(suite, batch)
    batch.close()
    shown = told(result) + caplog.text
    assert not [each for each in SECRETS if each in shown]
    assert sum(each.status == "failed" for each in result.outcomes) >= len(BREAKING) - 3
    assert f"2 of 2 values, such as {MASK}" in shown
    where = {"table": f" (email {MASK}, id {MASK})", "query": "", "file": " (row 1)"}[source]
    assert f"2 of 2 values, such as 1{where}" in shown, "what is not sensitive is shown, beside a masked key"


@pytest.mark.usefixtures("_great_expectations")
def test_what_a_database_quotes_of_a_sensitive_column_is_not_shown(engine: Engine) -> None:
    def refuse(value: str) -> str:
        raise ValueError(value)

    @event.listens_for(engine, "connect")
    def _(connection: sqlite3.Connection, _record: Any) -> None:
        connection.create_function("refuse", 1, refuse)
        connection.create_function("shown", 1, lambda value: value)

    engine.dispose()
    rows = {"unexpected_rows_query": "SELECT refuse(email) FROM {batch}"}
    path = {"unexpected_rows_query": "SELECT json_extract(email, shown(email)) FROM {batch}"}
    suite = Suite(
        "team/people", COLUMNS, tuple(Expectation("unexpected_rows_expectation", each) for each in (rows, path))
    )
    batch = of_table(engine, "people")
    result = validate(suite, batch)
    batch.close()
    assert [each.status for each in result.outcomes][-2:] == ["error", "error"]
    assert not [each for each in SECRETS if each in told(result)]


@pytest.mark.parametrize(
    ("raised", "shown"),
    [
        (
            '(psycopg.errors.InvalidTextRepresentation) invalid input syntax for type integer: "alice@example.org"',
            "invalid input syntax for type integer",
        ),
        ("Error: (pymysql.err.OperationalError) (1292, \"Truncated incorrect DOUBLE value: 'alice'\")",
         "Truncated incorrect DOUBLE value"),
        ("(sqlite3.OperationalError) no such table: people", "no such table"),
        ("(psycopg.OperationalError) consuming input failed: server closed", "consuming input failed"),
        ("(psycopg.errors.RaiseException) alice is not welcome", "it raised `RaiseException`, and what that"),
        ("(pymysql.err.OperationalError) (1644, 'alice is not welcome')", "it raised `OperationalError`, and"),
        ("could not convert string to float: 'alice'", "it raised an error, and what that says is not shown"),
        ("alice", "it raised an error, and what that says is not shown"),
        ("(sqlite3.OperationalError) 'alice'", "it raised `OperationalError`, and what that says is not shown"),
    ],
)  # fmt: skip
def test_of_an_exception_only_a_database_s_own_words_are_shown(raised: str, shown: str) -> None:
    assert Masking(frozenset({"email"})).said(raised).startswith(shown)
    assert "alice" not in Masking(frozenset({"email"})).said(raised)
    assert Masking().said(raised) == raised, "nothing is hidden where nothing is sensitive"


@pytest.mark.parametrize("name", ["email", "EMAIL", '"email"', "`Email`", "[email]"])
def test_a_column_is_sensitive_in_any_spelling(name: str) -> None:
    masking = masking_of(Suite("team/people", (Column("Email", sensitive=True), Column("id"))))
    assert masking.hides(Expectation("expect_column_values_to_be_unique", {"column": name}))
    assert masking.row({name: "alice", "id": 3}) == {name: MASK, "id": 3}
    assert not masking.hides(Expectation("expect_column_values_to_be_unique", {"column": "id"}))


def test_counts_stay() -> None:
    masking = Masking(frozenset({"email"}))
    unique = Expectation("expect_column_unique_value_count_to_be_between", {"column": "email"})
    assert masking.observed(unique, 7) == 7
    assert masking.observed(Expectation("ExpectTableRowCountToEqual", {"value": 3}), 2) == 2
    assert masking.observed(Expectation("expect_column_max_to_be_between", {"column": "email"}), "z") == MASK
    named = Expectation("expect_column_values_to_be_unique", {"column": "email"})
    assert masking.example(named, Example("z", {"email": "z", "row": 3})) == Example(MASK, {"email": MASK, "row": 3})
