"""Suites against SQLite, PostgreSQL and MariaDB: windows, what they quote, and a server that dies in the middle."""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import URL, Engine, create_engine, event, text

from mergeflow.airflow.connections import DRIVERS
from mergeflow.quality.batch import Batch, BatchError, of_query, of_table
from mergeflow.quality.result import Result
from mergeflow.quality.suite import Column, Expectation, Suite
from mergeflow.quality.validate import validate
from mergeflow.quality.window import Window
from tests.services.mariadb import mariadb
from tests.services.postgres import postgres
from tests.services.server import Server

pytestmark = pytest.mark.usefixtures("_great_expectations")
PARIS = ZoneInfo("Europe/Paris")
NEW_YORK = ZoneInfo("America/New_York")
on_each = pytest.mark.parametrize(
    "engine",
    ["sqlite", *(pytest.param(each, marks=pytest.mark.service) for each in ("postgres", "mysql"))],
    indirect=True,
)
SECRET = "alice@example.org"


@pytest.fixture(scope="module")
def _postgres() -> Iterator[Server]:
    with postgres() as server:
        yield server


@pytest.fixture(scope="module")
def _mysql() -> Iterator[Server]:
    with mariadb() as server:
        yield server


def connected(server: Server) -> Engine:
    host = {"username": server.user, "password": server.password, "host": "127.0.0.1", "port": server.port}
    return create_engine(URL.create(DRIVERS[server.conn_type], database=server.database, **host), hide_parameters=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        made = create_engine(f"sqlite:///{tmp_path}/data.db")
    else:
        made = connected(request.getfixturevalue(f"_{request.param}"))
    with made.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS orders"))
        kind = "TIMESTAMP" if request.param == "postgres" else "DATETIME"
        connection.execute(
            text(f"CREATE TABLE orders (id INTEGER PRIMARY KEY, at {kind}, day DATE, email VARCHAR(50), n INTEGER)")
        )
    yield made
    made.dispose()


def add(engine: Engine, id_: int, at: str, day: str, n: int = 1) -> None:
    with engine.begin() as connection:
        row = {"id": id_, "at": at, "day": day, "email": SECRET, "n": n}
        connection.execute(text("INSERT INTO orders VALUES (:id, :at, :day, :email, :n)"), row)


def held(batch: Batch, *expectations: Expectation, columns: tuple[Column, ...] = ()) -> Result:
    try:
        return validate(Suite("team/orders", columns, expectations), batch)
    finally:
        batch.close()


def rows_of(engine: Engine, window: Window) -> int:
    """How many rows a window has."""
    wanted = Expectation("expect_table_row_count_to_equal", {"value": -1})
    found = held(of_table(engine, "orders", window), wanted).outcomes[0].observed
    assert isinstance(found, int)
    return found


def moment(*parts: int, zone: ZoneInfo | None = None) -> datetime:
    return datetime(*parts, tzinfo=zone or UTC)  # type: ignore[misc,arg-type]


@on_each
def test_windows_that_follow_each_other_share_no_row_and_miss_none(engine: Engine) -> None:
    for i, at in enumerate(["08:59:59", "09:00:00", "09:30:00", "09:59:59", "10:00:00"]):
        add(engine, i, f"2026-11-02 {at}", "2026-11-02")
    found = [rows_of(engine, Window("at", moment(2026, 11, 2, h), moment(2026, 11, 2, h + 1))) for h in (8, 9, 10)]
    assert found == [1, 3, 1]
    in_paris = Window("at", moment(2026, 11, 2, 10, zone=PARIS), moment(2026, 11, 2, 11, zone=PARIS), PARIS)
    assert rows_of(engine, in_paris) == 3, "moments without a zone are UTC"


@on_each
@pytest.mark.parametrize(("zone", "hour"), [(PARIS, 0), (NEW_YORK, 0), (PARIS, 6), (NEW_YORK, 6)])
def test_a_day_is_in_the_window_in_which_it_begins(engine: Engine, zone: ZoneInfo, hour: int) -> None:
    for i in (1, 2, 3, 4):
        add(engine, i, "2026-11-02 00:00:00", f"2026-11-0{i}")
    starts = [moment(2026, 11, day, hour, zone=zone) for day in (1, 2, 3)]
    days = [Window("day", start, end, zone) for start, end in pairwise(starts)]
    begun = 0 if hour == 0 else 1
    for window, day in zip(days, (1, 2), strict=True):
        wanted = Expectation("expect_column_max_to_be_between", {"column": "day", "max_value": "1999-01-01"})
        found = held(of_table(engine, "orders", window), wanted).outcomes[0]
        assert str(found.observed)[:10] == f"2026-11-0{day + begun}"


@on_each
def test_a_window_keeps_types_and_keys(engine: Engine) -> None:
    add(engine, 7, "2026-11-02 09:30:00", "2026-11-02", n=-1)
    add(engine, 8, "2026-11-02 10:30:00", "2026-11-02", n=-2)
    window = Window("at", moment(2026, 11, 2, 9), moment(2026, 11, 2, 10))
    between = Expectation("expect_column_values_to_be_between", {"column": "n", "min_value": 0})
    rows = Expectation("unexpected_rows_expectation", {"unexpected_rows_query": "SELECT * FROM {batch} WHERE n < 0"})
    unique = Expectation("expect_column_values_to_be_unique", {"column": "id"})
    columns = (Column("n", "text"), Column("at", "timestamp"), Column("day", "date"))
    result = held(of_table(engine, "orders", window), between, rows, unique, columns=columns)
    assert result.data == "table `orders`, `at` from 2026-11-02 09:00:00 UTC to 2026-11-02 10:00:00 UTC"
    assert [each.found for each in result.stopping] == [
        "it is integer",
        "1 of 1 values, such as -1 (id 7)",
        "observed 1",
    ]


@on_each
def test_an_empty_window_is_told(engine: Engine) -> None:
    add(engine, 1, "2026-11-02 09:30:00", "2026-11-02")
    window = Window("at", moment(2030, 1, 1), moment(2030, 1, 2))
    result = held(
        of_table(engine, "orders", window), Expectation("expect_column_values_to_be_unique", {"column": "id"})
    )
    assert [each.found for each in result.stopping] == [
        "there are no rows, and the suite does not say that there may be none"
    ]


@on_each
@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("when", "table `orders` has no column `when`, by which its window is told"),
        ("n", "column `n` of table `orders` is integer, and a window is told by dates or timestamps"),
    ],
)
def test_a_window_by_a_column_that_tells_none_is_refused(engine: Engine, column: str, said: str) -> None:
    with pytest.raises(BatchError) as caught:
        of_table(engine, "orders", Window(column, moment(2026, 1, 1), moment(2026, 1, 2)))
    assert str(caught.value) == said


@pytest.mark.parametrize("at", ["2026-11-02T09:00:00", "2026-11-02 09:00:00.000000", "2026-11-02T11:00:00+02:00"])
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_sqlite_s_texts_are_moments_in_any_form(engine: Engine, at: str) -> None:
    add(engine, 1, at, "2026-11-02")
    assert rows_of(engine, Window("at", moment(2026, 11, 2, 9), moment(2026, 11, 2, 10))) == 1
    assert rows_of(engine, Window("at", moment(2026, 11, 2, 8), moment(2026, 11, 2, 9))) == 0


@pytest.mark.service
@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_moments_with_a_zone_are_compared_as_moments(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE orders ALTER COLUMN at TYPE timestamptz USING at AT TIME ZONE 'UTC'"))
    add(engine, 1, "2026-11-02 10:30:00+01:00", "2026-11-02")
    assert rows_of(engine, Window("at", moment(2026, 11, 2, 9), moment(2026, 11, 2, 10))) == 1


@pytest.mark.service
@pytest.mark.parametrize("engine", ["mysql"], indirect=True)
def test_mysql_s_timestamps_are_moments_whatever_zone_the_session_has(engine: Engine) -> None:
    event.listen(engine, "connect", lambda raw, _: raw.query("SET time_zone = '+05:00'"))
    engine.dispose()
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE orders MODIFY at TIMESTAMP"))
        connection.execute(text("SET time_zone = '+00:00'"))
        connection.execute(text("INSERT INTO orders VALUES (1, '2026-11-02 09:30:00', '2026-11-02', '', 1)"))
        connection.execute(text("SET time_zone = '+05:00'"))
    assert rows_of(engine, Window("at", moment(2026, 11, 2, 9), moment(2026, 11, 2, 10))) == 1
    assert rows_of(engine, Window("at", moment(2026, 11, 2, 10), moment(2026, 11, 2, 11))) == 0


@on_each
def test_what_a_database_quotes_is_not_shown_of_a_sensitive_column(engine: Engine) -> None:
    add(engine, 1, "2026-11-02 09:30:00", "2026-11-02")
    cast = {"postgresql": "CAST(email AS integer)", "mysql": "JSON_VALUE(email, email)"}
    raising = cast.get(engine.dialect.name, "json_extract(email, '$')")
    query = "SELECT " + raising + " AS x, orders.* FROM {batch} AS orders WHERE n = 1"  # noqa: S608
    rows = Expectation("unexpected_rows_expectation", {"unexpected_rows_query": query})
    regex = Expectation("expect_column_values_to_match_regex", {"column": "email", "regex": "^z"})
    columns = (Column("email", "text", sensitive=True),)
    result = held(of_table(engine, "orders"), rows, regex, columns=columns)
    assert {each.status for each in result.stopping} <= {"error", "failed"}
    assert len(result.stopping) == 2
    assert SECRET not in f"{result}{result.document()}{result!r}"


@on_each
def test_what_every_row_breaks_fetches_a_handful_of_rows(engine: Engine) -> None:
    rows = range(1, 1001)
    with engine.begin() as connection:
        table = text("INSERT INTO orders VALUES (:id, '2026-11-02 09:30:00', '2026-11-02', :email, 7)")
        connection.execute(table, [{"id": i, "email": f"person{i}@example.org"} for i in rows])
    fetched: list[int] = []

    @event.listens_for(engine, "after_cursor_execute")
    def _(_connection: object, cursor: Any, *_more: object) -> None:
        fetched.append(cursor.rowcount)

    names = ("values_to_be_null", "values_to_be_unique", "distinct_values_to_be_in_set", "values_to_match_regex")
    given: dict[str, dict[str, Any]] = {names[2]: {"value_set": ["lost"]}, names[3]: {"regex": "^[A-Z]+$"}}
    singles = [Expectation(f"expect_column_{name}", {"column": "email", **given.get(name, {})}) for name in names]
    pair = Expectation("expect_column_pair_values_to_be_equal", {"column_A": "id", "column_B": "n"})
    both = Expectation("expect_compound_columns_to_be_unique", {"column_list": ["n", "day"]})
    result = held(of_table(engine, "orders"), *singles, pair, both)
    assert [each.status for each in result.outcomes] == ["failed", "passed", "failed", "failed", "failed", "failed"]
    if engine.dialect.name != "sqlite":  # which does not know how many rows a query gives
        assert max(fetched) <= 20


@pytest.mark.service
def test_a_server_that_is_killed_midway_is_an_error_and_nothing_holds(caplog: pytest.LogCaptureFixture) -> None:
    with postgres() as server:
        engine = connected(server)
        with engine.begin() as connection:
            connection.execute(
                text("CREATE TABLE orders AS SELECT i AS id, i % 7 AS n FROM generate_series(1, 5000) AS i")
            )
        batch = of_table(engine, "orders")

        @event.listens_for(engine, "before_cursor_execute")
        def _(*arguments: object) -> None:
            if "unexpected" in str(arguments[2]) and server.process is not None:
                os.kill(server.process.pid, signal.SIGKILL)
                server.process.wait()

        result = held(
            batch,
            Expectation("expect_column_values_to_be_unique", {"column": "id"}),
            Expectation("expect_column_values_to_be_between", {"column": "n", "max_value": 6}),
            Expectation("expect_column_mean_to_be_between", {"column": "n", "max_value": 6}, "warning"),
        )
        engine.dispose()
        assert [each.status for each in result.outcomes if each.expectation.severity == "critical"].count("passed") == 0
        assert all(each.status == "error" for each in result.stopping)
        assert len(result.stopping) >= 2
        assert all(len(line) < 300 for line in str(result).splitlines())
        assert server.password not in str(result)
        assert not caplog.records
        with pytest.raises(BatchError, match=r"^the query cannot be run: "):
            of_query(connected(server), "SELECT 1")
