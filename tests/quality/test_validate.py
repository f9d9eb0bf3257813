"""Suites against real data: what holds, what is broken and by which values, and what could not be looked at."""

import gc
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text

from mergeflow.quality import asking
from mergeflow.quality.batch import Batch, BatchError, of_query, of_table
from mergeflow.quality.frames import of_file
from mergeflow.quality.result import Outcome
from mergeflow.quality.suite import Column, Expectation, Suite
from mergeflow.quality.validate import validate

pytestmark = pytest.mark.usefixtures("_great_expectations")

ROWS = "INSERT INTO orders VALUES (1, 7, 5.5, 'AAPL'), (2, NULL, -3, 'TSLA'), (3, 99, 10, NULL)"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = create_engine(f"sqlite:///{tmp_path}/data.db")
    with made.begin() as connection:
        connection.execute(
            text("CREATE TABLE orders (id INTEGER PRIMARY KEY, who INTEGER, amount NUMERIC, symbol TEXT)")
        )
        connection.execute(text(ROWS))
    yield made
    made.dispose()


def outcome(batch: Batch, name: str, **parameters: object) -> Outcome:
    try:
        result = validate(Suite("team/orders", expectations=(Expectation(name, parameters),)), batch)
    finally:
        batch.close()
    return next(each for each in result.outcomes if each.expectation.name == name)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("expect_column_values_to_be_unique", {"column": "id"}),
        ("expect_column_values_to_be_between", {"column": "amount", "min_value": -3, "max_value": 10}),
        ("expect_column_values_to_not_be_null", {"column": "who", "mostly": 0.6}),
        ("expect_table_row_count_to_equal", {"value": 3}),
        ("ExpectTableRowCountToEqual", {"value": 3}),
        ("expect_column_values_to_be_in_set", {"column": "symbol", "value_set": ["AAPL", "TSLA"]}),
    ],
)
def test_what_holds_of_a_table_passes(engine: Engine, name: str, parameters: dict[str, object]) -> None:
    found = outcome(of_table(engine, "orders"), name, **parameters)
    assert (found.status, found.found, found.stops) == ("passed", "", False)


@pytest.mark.parametrize(
    ("name", "parameters", "said"),
    [
        ("expect_column_values_to_not_be_null", {"column": "who"}, "1 of 3 values, such as null (id 2)"),
        (
            "expect_column_values_to_be_between",
            {"column": "amount", "min_value": 6},
            "2 of 3 values, such as 5.5 (id 1), -3 (id 2)",
        ),
        (
            "expect_column_values_to_match_regex",
            {"column": "symbol", "regex": "^A"},
            "1 of 3 values, such as TSLA (id 2)",
        ),
        (
            "expect_column_pair_values_a_to_be_greater_than_b",
            {"column_A": "id", "column_B": "who"},
            "2 of 3 values, such as [1, 7] (id 1), [3, 99] (id 3)",
        ),
        ("expect_column_distinct_values_to_be_in_set", {"column": "symbol", "value_set": ["AAPL"]}, "such as TSLA"),
        ("expect_table_row_count_to_be_between", {"min_value": 10}, "observed 3"),
        ("expect_column_to_exist", {"column": "price"}, "it does not hold"),
        (
            "unexpected_rows_expectation",
            {"unexpected_rows_query": "SELECT * FROM {batch} WHERE amount < 0"},
            "observed 1",
        ),
    ],
)
def test_what_is_broken_shows_the_values_and_their_keys(
    engine: Engine, name: str, parameters: dict[str, object], said: str
) -> None:
    found = outcome(of_table(engine, "orders"), name, **parameters)
    assert (found.status, found.found, found.stops) == ("failed", said, True)


@pytest.mark.parametrize(
    ("name", "parameters", "said"),
    [
        ("expect_column_values_to_be_unique", {"column": "price"}, 'The column "price" in BatchData does not exist'),
        ("expect_column_values_to_be_uniq", {"column": "id"}, "there is no such expectation"),
        ("expect_column_values_to_be_unique", {}, "its parameters are refused: column: field required"),
        (
            "expect_column_to_exist",
            {"column": "id", "colour": 1},
            "its parameters are refused: colour: extra fields not permitted",
        ),
        (
            "expect_column_values_to_be_dateutil_parseable",
            {"column": "symbol"},
            "Great Expectations cannot look at this in a database",
        ),
    ],
)
def test_what_cannot_be_looked_at_is_an_error_and_never_holds(
    engine: Engine, name: str, parameters: dict[str, object], said: str
) -> None:
    found = outcome(of_table(engine, "orders"), name, **parameters)
    assert (found.status, found.stops) == ("error", True)
    assert found.found.startswith(said)
    assert "\n" not in found.found


def test_a_table_that_goes_away_midway_is_an_error(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    batch = of_table(engine, "orders")
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE orders"))
    found = outcome(batch, "expect_table_row_count_to_equal", value=3)
    assert found.status == "error"
    assert found.found == "no such table: orders"
    assert all(each.levelno < logging.WARNING for each in caplog.records), "no wall of tracebacks in the task's log"


def test_an_expectation_that_breaks_great_expectations_costs_only_itself(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from great_expectations.expectations.core import ExpectColumnMaxToBeBetween

    def fail(*_: object, **__: object) -> None:
        raise KeyError("metric")

    monkeypatch.setattr(ExpectColumnMaxToBeBetween, "get_validation_dependencies", fail)
    expectations = (
        Expectation("expect_column_to_exist", {"column": "id"}),
        Expectation("expect_column_max_to_be_between", {"column": "id", "max_value": 3}),
        Expectation("expect_table_row_count_to_equal", {"value": 4}),
    )
    batch = of_table(engine, "orders")
    outcomes = validate(Suite("team/orders", expectations=expectations), batch).outcomes
    batch.close()
    assert [each.status for each in outcomes] == ["passed", "error", "failed"]
    assert outcomes[1].found == "Great Expectations cannot look at it"


@pytest.mark.parametrize("rows", ["", "INSERT INTO orders (id) VALUES (1), (2)"])
def test_nothing_but_nulls_holds_no_numbers(engine: Engine, rows: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM orders"))
        if rows:
            connection.execute(text(rows))
    found = outcome(of_table(engine, "orders"), "expect_column_mean_to_be_between", column="amount", min_value=0)
    assert (found.status, found.found) == ("failed", "observed null")


def test_several_expectations_share_queries_that_run_in_the_database(engine: Engine) -> None:
    seen: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    expectations = [
        Expectation("expect_column_values_to_not_be_null", {"column": "id"}),
        Expectation("expect_column_values_to_be_between", {"column": "amount", "min_value": -3}),
        Expectation("expect_column_max_to_be_between", {"column": "amount", "max_value": 10}),
    ]
    batch = of_table(engine, "orders")
    result = validate(Suite("team/orders", expectations=tuple(expectations)), batch)
    batch.close()
    assert not result.stopping
    counts = [statement for statement in seen if "unexpected_count" in statement]
    assert len(counts) == 1
    assert counts[0].count("sum(CASE") >= 2
    assert not any(statement.startswith(("CREATE", "INSERT", "SELECT *")) for statement in seen)


def test_nobody_looks_for_examples_of_what_holds(engine: Engine) -> None:
    seen: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    found = outcome(of_table(engine, "orders"), "expect_column_values_to_be_unique", column="id")
    assert (found.status, found.unexpected, found.total, found.examples) == ("passed", 0, 3, ())
    assert not [statement for statement in seen if "LIMIT" in statement]
    within = outcome(of_table(engine, "orders"), "expect_column_values_to_not_be_null", column="who", mostly=0.5)
    assert (within.status, within.unexpected, within.total) == ("passed", 1, 3), "what is within bounds is counted"


def test_what_did_not_hold_is_broken_whatever_becomes_of_it_meanwhile(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []
    ask = asking._results

    def ask_and_mend(*given: Any) -> list[Any]:
        results = ask(*given)
        looked.append(len(results))
        with engine.begin() as connection:
            connection.execute(text("UPDATE orders SET amount = 7"))
        return results

    monkeypatch.setattr(asking, "_results", ask_and_mend)
    found = outcome(of_table(engine, "orders"), "expect_column_values_to_be_between", column="amount", min_value=6)
    assert len(looked) == 2
    assert (found.status, found.found) == ("failed", "2 of 3 values")


def test_the_columns_of_a_suite_are_expectations_too(engine: Engine) -> None:
    columns = (
        Column("id", "integer", nullable=False),
        Column("amount", "text"),
        Column("who", "number", nullable=False),
        Column("gone"),
    )
    batch = of_table(engine, "orders")
    broken = validate(Suite("team/orders", columns), batch).stopping
    batch.close()
    assert [str(each) for each in broken] == [
        "critical: column_type (column: amount, type: text): it is number",
        "critical: expect_column_to_exist (column: gone): it does not hold",
        "critical: expect_column_values_to_not_be_null (column: who): 1 of 3 values, such as null (id 2)",
    ]


@pytest.mark.parametrize("query", ["SELECT id, symbol FROM orders WHERE id > 1;", "SELECT * FROM orders -- all\n"])
def test_a_query_is_held_against_a_suite(engine: Engine, query: str) -> None:
    found = outcome(of_query(engine, query), "expect_column_values_to_not_be_null", column="symbol")
    assert found.found.endswith("values, such as null")


def test_the_rows_of_a_query_stay_in_the_database(engine: Engine) -> None:
    query = "SELECT id, symbol FROM orders"
    seen: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: seen.append(" ".join(args[2].split())))
    assert outcome(of_query(engine, query), "expect_column_values_to_be_unique", column="id").status == "passed"
    assert seen
    assert query not in seen, "nobody reads all of it to learn its columns"


def test_a_colon_in_a_query_is_no_parameter(engine: Engine) -> None:
    query = "SELECT id, 'a:b' || ' 12:30 :x' AS label FROM orders"
    found = outcome(
        of_query(engine, query), "expect_column_values_to_be_in_set", column="label", value_set=["a:b 12:30 :x"]
    )
    assert found.status == "passed"


def test_what_is_no_query_or_no_table_is_told_in_one_line(engine: Engine) -> None:
    with pytest.raises(BatchError, match=r"^the query cannot be run: near \"FROM\": syntax error$"):
        of_query(engine, "SELECT FROM FROM orders")
    with pytest.raises(BatchError, match=r"^there is no table `order`$"):
        of_table(engine, "order")


def test_a_database_that_does_not_answer_is_told_in_one_line_without_its_password() -> None:
    engine = create_engine("postgresql+psycopg://me:s3cret@127.0.0.1:1/data")
    with pytest.raises(BatchError, match=r"^table `orders` cannot be read: connection failed") as caught:
        of_table(engine, "orders")
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    file = tmp_path / "orders.csv"
    file.write_text("id,who,amount,at\n1,7,5.5,2025-01-31\n2,,-3,2025-02-01\n")
    return file


def test_a_file_is_held_against_a_suite_and_its_rows_are_counted(csv: Path) -> None:
    columns = (Column("id", "integer"), Column("who", "integer"), Column("amount", "number"), Column("at", "date"))
    expectations = (
        Expectation("expect_column_values_to_not_be_null", {"column": "who"}),
        Expectation("expect_column_values_to_be_between", {"column": "amount", "min_value": 0}, "warning"),
    )
    result = validate(Suite("team/orders", columns, expectations), of_file(csv, "samples/orders.csv", ["at"]))
    assert str(result) == (
        "suite `team/orders`: 2 of 10 expectations are broken on file `samples/orders.csv`\n"
        "  critical: expect_column_values_to_not_be_null (column: who): 1 of 2 values, such as null (row 2)\n"
        "  warning: expect_column_values_to_be_between (column: amount, min_value: 0): "
        "1 of 2 values, such as -3.0 (row 2)"
    )
    assert result.summary() == {
        "suite": "team/orders",
        "data": "file `samples/orders.csv`",
        "success": False,
        "expectations": 10,
        "passed": 8,
        "failed": 2,
        "errors": 0,
        "warnings": 1,
        "broken": ["expect_column_values_to_not_be_null", "expect_column_values_to_be_between"],
    }


def test_a_date_that_is_none_leaves_its_column_text(csv: Path) -> None:
    csv.write_text("at\n2025-01-31\n31 of January\n")
    result = validate(Suite("team/orders", (Column("at", "timestamp"),)), of_file(csv, "a.csv", ["at"]))
    assert [str(each) for each in result.stopping] == [
        "critical: column_type (column: at, type: timestamp): it is text"
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"\xff\xfe\x00", "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
        ("a.csv", b"", "No columns to parse from file"),
        ("a.jsonl", b"{", "Expected object or value"),
        ("a.parquet", b"no", ""),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_one_line(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BatchError) as caught:
        of_file(tmp_path / name, name, [])
    assert str(caught.value).startswith(f"file `{name}` cannot be read: {said}")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_or_of_another_kind_is_told_in_one_line(tmp_path: Path, csv: Path) -> None:
    with pytest.raises(BatchError, match=r"^file `b\.csv` cannot be read: no such file or directory$"):
        of_file(tmp_path / "b.csv", "b.csv", [])
    with pytest.raises(BatchError, match=r"^file `c\.xls` is none of \.csv, \.jsonl and \.parquet, but `\.xls`$"):
        of_file(csv.rename(tmp_path / "c.xls"), "c.xls", [])


def test_a_batch_that_is_closed_leaves_the_engine_to_others_for_good(engine: Engine) -> None:
    batch = of_table(engine, "orders")
    batch.close()
    pool = engine.pool
    del batch
    gc.collect()
    assert engine.pool is pool, "it was disposed of, and with it whatever another batch had open"
