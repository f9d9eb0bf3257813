"""Data of which nothing good can be said never passes: no rows, nulls alone, mixed types, too much of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from mergeflow.quality import limits
from mergeflow.quality.batch import Batch, BatchError, of_query, of_table
from mergeflow.quality.frames import of_file, of_rows
from mergeflow.quality.result import Result
from mergeflow.quality.suite import Column, Expectation, Suite
from mergeflow.quality.validate import validate

pytestmark = pytest.mark.usefixtures("_great_expectations")

UNIQUE = Expectation("expect_column_values_to_be_unique", {"column": "who"})
NO_ROWS = "there are no rows, and the suite does not say that there may be none"
OF_A_COLUMN = [
    ("expect_column_values_to_be_unique", {}),
    ("expect_column_values_to_be_between", {"min_value": 0}),
    ("expect_column_values_to_be_in_set", {"value_set": [1]}),
    ("expect_column_values_to_match_regex", {"regex": "."}),
    ("ExpectColumnValuesToMatchRegex", {"regex": "."}),
    ("expect_column_value_lengths_to_be_between", {"min_value": 1}),
    ("expect_column_distinct_values_to_be_in_set", {"value_set": [1]}),
    ("expect_column_unique_value_count_to_be_between", {"max_value": 9}),
    ("expect_column_max_to_be_between", {"max_value": 9}),
    ("expect_column_mean_to_be_between", {"max_value": 9}),
    ("expect_column_sum_to_be_between", {"max_value": 9}),
    ("expect_column_stdev_to_be_between", {"max_value": 9}),
    ("expect_column_median_to_be_between", {"max_value": 9}),
    ("expect_column_kl_divergence_to_be_less_than", {"threshold": 0.5}),
    ("expect_column_most_common_value_to_be_in_set", {"value_set": [1]}),
    ("expect_column_proportion_of_unique_values_to_be_between", {"min_value": 0}),
]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = create_engine(f"sqlite:///{tmp_path}/data.db")
    with made.begin() as connection:
        connection.execute(text("CREATE TABLE orders (id INTEGER PRIMARY KEY, who INTEGER, amount NUMERIC)"))
    yield made
    made.dispose()


def fill(engine: Engine, rows: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"INSERT INTO orders VALUES {rows}"))  # noqa: S608


def held(batch: Batch, *expectations: Expectation, columns: tuple[Column, ...] = ()) -> Result:
    try:
        return validate(Suite("team/orders", columns, expectations), batch)
    finally:
        batch.close()


def batches(engine: Engine, tmp_path: Path, rows: list[dict[str, Any]]) -> Iterator[Batch]:
    yield of_table(engine, "orders")
    yield of_query(engine, "SELECT * FROM orders")
    yield of_rows({"data": [list(each.values()) for each in rows], "columns": ["id", "who", "amount"]}, "rows", [])
    lines = (",".join("" if value is None else str(value) for value in each.values()) for each in rows)
    (tmp_path / "a.csv").write_text("\n".join(["id,who,amount", *lines, ""]))
    yield of_file(tmp_path / "a.csv", "a.csv", [])


@pytest.mark.parametrize(("name", "parameters"), OF_A_COLUMN)
def test_of_no_rows_nothing_holds(engine: Engine, tmp_path: Path, name: str, parameters: dict[str, Any]) -> None:
    for batch in batches(engine, tmp_path, []):
        wanted = Expectation(name, {"column": "who", **parameters})
        result = held(batch, wanted, columns=(Column("id", nullable=False),))
        assert NO_ROWS in [each.found for each in result.stopping], batch.name
        assert result.summary()["success"] is False


@pytest.mark.parametrize(
    "spoken",
    [
        Expectation("expect_table_row_count_to_be_between", {"min_value": 0, "max_value": 9}),
        Expectation("ExpectTableRowCountToBeBetween", {"max_value": 9}),
        Expectation("expect_table_row_count_to_equal", {"value": 0}),
    ],
)
def test_a_suite_that_speaks_of_rows_may_allow_none(engine: Engine, spoken: Expectation) -> None:
    assert not held(of_table(engine, "orders"), UNIQUE, spoken).stopping


@pytest.mark.parametrize(("name", "parameters"), OF_A_COLUMN)
def test_of_nulls_alone_nothing_holds(engine: Engine, tmp_path: Path, name: str, parameters: dict[str, Any]) -> None:
    fill(engine, "(1, NULL, 1), (2, NULL, 2)")
    rows = [{"id": 1, "who": None, "amount": 1}, {"id": 2, "who": None, "amount": 2}]
    for batch in batches(engine, tmp_path, rows):
        (found,) = held(batch, Expectation(name, {"column": "who", **parameters})).outcomes
        assert found.status in ("failed", "error"), batch.name
        assert found.found


def test_a_column_that_may_be_null_may_hold_nothing_else(engine: Engine) -> None:
    fill(engine, "(1, NULL, 1)")
    (found,) = held(of_table(engine, "orders"), UNIQUE).outcomes
    assert (found.status, found.found) == ("failed", "`who` holds nothing but nulls")
    named = Column("who", nullable=True, may_be_empty=True)
    assert not held(of_table(engine, "orders"), UNIQUE, columns=(named,)).stopping


def test_of_two_columns_one_of_nulls_is_enough(engine: Engine) -> None:
    fill(engine, "(1, NULL, 1)")
    pair = Expectation("expect_column_pair_values_to_be_equal", {"column_A": "id", "column_B": "who"})
    assert [each.status for each in held(of_table(engine, "orders"), pair).outcomes] == ["failed"]


def test_an_expectation_of_nulls_is_what_it_says(engine: Engine) -> None:
    fill(engine, "(1, NULL, 1)")
    of_nulls = Expectation("expect_column_values_to_be_null", {"column": "who"})
    there = Expectation("expect_column_to_exist", {"column": "who"})
    assert not held(of_table(engine, "orders"), of_nulls, there).stopping


def test_a_number_among_texts_is_no_column_of_numbers(engine: Engine, tmp_path: Path) -> None:
    fill(engine, "(1, 1, 1), (2, 'two', 2), (3, NULL, 'x')")
    columns = (Column("who", "integer"), Column("amount", "number"), Column("id", "integer"))
    found = held(of_table(engine, "orders"), columns=columns)
    assert [str(each) for each in found.stopping] == [
        "critical: column_type (column: who, type: integer): it is integer, but for 1 value of the type text",
        "critical: column_type (column: amount, type: number): it is number, but for 1 value of the type text",
    ]
    rows = [{"who": 1}, {"who": "two"}, {"who": None}]
    assert [each.found for each in held(of_rows(rows, "rows", []), columns=columns[:1]).stopping] == ["it is text"]
    said = [each.found for each in held(of_rows(rows, "rows", []), columns=(Column("who", "text"),)).stopping]
    assert said == ["it is text, but for 1 value of the type int"]
    (tmp_path / "a.csv").write_text("who\n1\ntwo\n")
    assert [each.found for each in held(of_file(tmp_path / "a.csv", "a.csv", []), columns=columns[:1]).stopping] == [
        "it is text"
    ]


def test_a_text_among_sqlite_s_dates_is_none(engine: Engine) -> None:
    good = ("2026-11-02", "2026-11-02T10:00:00Z", "2026-11-02 10:00:00.123456+01:00", None)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE visits (at TIMESTAMP, day DATE)"))
        connection.execute(text("INSERT INTO visits VALUES (:at, :at)"), [{"at": each} for each in good])
    columns = (Column("at", "timestamp"), Column("day", "date"))
    assert not held(of_table(engine, "visits"), columns=columns).stopping
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO visits VALUES ('02.11.2026', 'never'), (NULL, 'soon')"))
    assert [each.found for each in held(of_table(engine, "visits"), columns=columns).stopping] == [
        "it is timestamp, but for 1 text that is no timestamp",
        "it is date, but for 2 texts that are no date",
    ]


@pytest.mark.parametrize(
    "query", ["SELECT 5 AS amount, amount FROM orders", 'SELECT 5 AS "Amount", amount FROM orders']
)
def test_a_query_with_two_columns_of_one_name_is_refused(engine: Engine, query: str) -> None:
    fill(engine, "(1, 1, -1)")
    with pytest.raises(BatchError, match=r"^the query has two columns `amount`, and nobody knows which"):
        of_query(engine, query)


def test_a_type_that_cannot_be_looked_at_is_an_error(engine: Engine) -> None:
    fill(engine, "(1, 1, 1)")
    batch = of_table(engine, "orders")
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE orders"))
    found = {each.expectation.name: each for each in held(batch, columns=(Column("who", "integer"),)).outcomes}
    assert (found["column_type"].status, found["column_type"].found) == ("error", "no such table: orders")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("who,n\n1,2,3\n4,5,6\n", "file `a.csv` has rows with more cells than its header names"),
        ("n,who,n\n1,2,3\n", "file `a.csv` has two columns `n`"),
    ],
)
def test_a_file_whose_columns_are_not_what_its_header_says_is_refused(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "a.csv").write_text(content)
    with pytest.raises(BatchError) as caught:
        of_file(tmp_path / "a.csv", "a.csv", [])
    assert str(caught.value) == said


@pytest.mark.parametrize("content", ["who,n\n", "who,who.1\n1,2\n", "who,n\n1\n", ",n\n0,1\n"])
def test_a_file_whose_columns_are_clear_is_read(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.csv").write_text(content)
    assert len(of_file(tmp_path / "a.csv", "a.csv", []).data.dataframe.columns) == 2


def test_values_that_cannot_be_compared_are_an_error() -> None:
    between = Expectation("expect_column_values_to_be_between", {"column": "who", "min_value": 0})
    (found,) = held(of_rows([{"who": 1}, {"who": "two"}], "rows", []), between).outcomes
    assert found.status in ("error", "failed")


def test_a_million_rows_of_a_file_have_one_type_each(tmp_path: Path) -> None:
    lines = [f"{i},{i % 7}" for i in range(1_000_000)]
    lines[999_990] = "last,7"
    (tmp_path / "a.csv").write_text("\n".join(["id,n", *lines]))
    between = Expectation("expect_column_values_to_be_between", {"column": "n", "max_value": 6})
    result = held(of_file(tmp_path / "a.csv", "a.csv", []), between, columns=(Column("id", "integer"),))
    assert [each.found for each in result.stopping] == ["it is text", "1 of 1000000 values, such as 7 (row 999991)"]


@pytest.mark.parametrize("value_set", [["a"], ["value 1"]])
@pytest.mark.parametrize("name", sorted(limits._FETCHING - {"expect_column_kl_divergence_to_be_less_than"}))
def test_what_would_fetch_every_value_is_refused_beyond_a_bound(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, name: str, value_set: list[str]
) -> None:
    fill(engine, ", ".join(f"({i}, {i % 9}, 'value {i}')" for i in range(1, 20)))
    wanted = Expectation(name, {"column": "amount", "value_set": value_set})
    for batch in (of_table(engine, "orders"), of_query(engine, "SELECT * FROM orders")):
        assert held(batch, wanted).outcomes[0].status != "error"
    monkeypatch.setattr(limits, "MOST_VALUES", 18)
    for batch in (of_table(engine, "orders"), of_query(engine, "SELECT * FROM orders")):
        (found,) = held(batch, wanted).outcomes
        assert (found.status, found.stops) == ("error", True)
        assert found.found.startswith("column `amount` has more than 18 different values")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (None, "there are no rows of task `load`: it has returned nothing"),
        ("text", "must be a list of mappings, or `data` with `columns`; this is str"),
        (7, "must be a list of mappings, or `data` with `columns`; this is int"),
        ([1, 2], "must be a list of mappings, or `data` with `columns`; this is a list of something else"),
        ([[1, 2]], "must be a list of mappings, or `data` with `columns`; this is a list of something else"),
        ({"data": [[1, 2]], "columns": ["a"]}, "cannot be read: 1 columns passed, passed data had 2 columns"),
        ({"data": [{"a": 1}]}, "must be a list of mappings, or `data` with `columns`; this is dict"),
    ],
)
def test_rows_that_are_none_are_told_in_one_line(rows: object, said: str) -> None:
    with pytest.raises(BatchError) as caught:
        of_rows(rows, "rows of task `load`", [])
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
