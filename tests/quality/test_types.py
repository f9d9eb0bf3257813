"""The types of databases and frames in a suite's few words."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import types
from sqlalchemy.dialects import mysql, postgresql, sqlite

from mergeflow.quality.types import fits, of_frame, of_sql
from mergeflow.suites import TYPES


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (types.INTEGER(), {"integer"}),
        (types.BIGINT(), {"integer"}),
        (mysql.TINYINT(display_width=4), {"integer"}),
        (mysql.TINYINT(display_width=1), {"boolean", "integer"}),
        (types.BOOLEAN(), {"boolean"}),
        (types.NUMERIC(10, 2), {"number"}),
        (postgresql.DOUBLE_PRECISION(), {"number"}),
        (types.TEXT(), {"text"}),
        (mysql.LONGTEXT(), {"text"}),
        (sqlite.DATETIME(), {"timestamp"}),
        (postgresql.TIMESTAMP(timezone=True), {"timestamp"}),
        (types.DATE(), {"date"}),
        (postgresql.UUID(), set()),
        (postgresql.JSONB(), set()),
        (types.LargeBinary(), set()),
    ],
    ids=lambda each: repr(each) if not isinstance(each, set) else "",
)
def test_a_database_s_type_is_what_a_suite_calls_it(kind: Any, wanted: set[str]) -> None:
    assert {each for each in TYPES if fits(of_sql(kind), each)} - {"number"} == wanted - {"number"}
    assert fits(of_sql(kind), "number") == bool(wanted & {"number", "integer"}), "a whole number is a number"


def test_a_type_without_a_word_keeps_its_name() -> None:
    assert of_sql(postgresql.UUID()) == "uuid"


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([1, 2], {"integer", "number"}),
        ([1, None], {"integer", "number"}),
        ([1.5, None], {"number"}),
        ([True, False], {"boolean"}),
        ([True, None], {"boolean"}),
        ([True, "a"], {"text"}),
        (["a", None], {"text"}),
        (pd.to_datetime(["2025-01-31"]), {"date", "timestamp"}),
        ([1, "a"], {"text"}),
        ([Decimal("1.5"), None], {"number"}),
        ([date(2025, 1, 31), None], {"date", "timestamp"}),
        ([datetime(2025, 1, 31, tzinfo=UTC), date(2025, 1, 31)], {"date", "timestamp"}),
    ],
)
def test_a_frame_s_type_is_what_a_suite_calls_it(values: Any, wanted: set[str]) -> None:
    assert {each for each in TYPES if fits(of_frame(pd.Series(values)), each)} == wanted


@pytest.mark.parametrize("values", [[], [None, None], [float("nan")]])
def test_a_column_that_holds_nothing_has_no_type(values: list[Any]) -> None:
    assert of_frame(pd.Series(values, dtype=object if not values else None)) == ""
