"""A suite proposed from a sample: what a person would write, never what the sample does not bear out."""

import csv
import io
import string
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mergeflow.catalog import load_catalog
from mergeflow.checker import check
from mergeflow.files import from_directory
from mergeflow.project import load
from mergeflow.quality.batch import BatchError
from mergeflow.quality.forms import form_of, is_id, is_personal
from mergeflow.quality.frames import of_file, read_frame
from mergeflow.quality.propose import propose
from mergeflow.quality.sample import padded_columns, refuse_frame, refuse_unreadable
from mergeflow.quality.suite import read_suite
from mergeflow.quality.types import MOMENTS
from mergeflow.quality.validate import validate
from mergeflow.rules import Known
from tests.conftest import ROOT

CATALOG = load_catalog(ROOT)
SUITE = "validators/expectations/team/made.yaml"


def proposed(**columns: Sequence[Any]) -> dict[str, Any]:
    """The suite for a frame, as plain data; the expectations by name and column."""
    data = yaml.safe_load(propose(pd.DataFrame(columns), "s.csv", "made").text)
    listed = data.pop("expectations")
    data["expectations"] = {
        (each.pop("expectation").removeprefix("expect_"), each.pop("column", None)): each for each in listed
    }
    return data


def of(column: str, values: Sequence[Any]) -> dict[str, Any]:
    """What is expected of one column, beyond its type."""
    listed = proposed(**{column: values})["expectations"]
    return {name: each for (name, of), each in listed.items() if of == column}


BETWEEN, IN_SET, REGEX, UNIQUE = (
    f"column_values_to_{each}" for each in ("be_between", "be_in_set", "match_regex", "be_unique")
)
WARNING = {"severity": "warning"}


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        ([5.23, 12.0, 498.7] * 5, 0, 500),
        ([48.853, 48.861] * 5, 48, 49),
        ([-0.5, 0.25] * 5, -0.5, 0.25),
        ([1, 7, 22, 40, 61, 93] * 5, 1, 93),
        ([0, 1234, 5, 8, 99, 7] * 5, 0, 1300),
        ([-273, 15, 97, 3, 4, 31] * 5, -280, 100),
        ([1999, 2001, 2003, 2005, 2021, 2024] * 3, 1900, 2100),
        ([1e300, 2e300] * 5, None, None),
        ([float("inf"), 1.0, 2.0] * 5, None, None),
        ([7.5] * 12, None, None),
    ],
)
def test_a_range_has_ends_that_a_person_would_choose(values: list[float], low: Any, high: Any) -> None:
    found = of("amount", values).get(BETWEEN)
    assert found == (None if low is None else {"min_value": low, "max_value": high, **WARNING})


def test_few_whole_numbers_that_leave_none_out_are_a_range_as_they_are() -> None:
    assert of("user_id", [*range(1, 11)] * 5) == {BETWEEN: {"min_value": 1, "max_value": 10, **WARNING}}


def test_ids_grow_so_only_their_beginning_is_a_bound() -> None:
    assert of("user_id", [3, 900, 77, 77] * 5) == {BETWEEN: {"min_value": 1, **WARNING}}


def test_status_codes_are_a_set_and_no_range() -> None:
    assert of("status", [200, 404, 500, 200] * 5) == {IN_SET: {"value_set": [200, 404, 500], **WARNING}}


@pytest.mark.parametrize(
    "values", [[f"v{i} x" for i in range(21)] * 9, ["a b", "c"] * 2, ["x" * 51, "y z"] * 20, ["a\x01b", "c d"] * 20]
)
def test_what_is_too_much_too_little_or_too_long_is_no_set(values: list[str]) -> None:
    assert IN_SET not in of("status", values)


def test_words_that_yaml_takes_for_something_else_stay_words() -> None:
    words = ["on", "no", "12", "~", "2024-01-01x", "a: b", "# c", "é", "<<", "=", "1e3", " d "]
    assert of("state", words * 5)[IN_SET]["value_set"] == sorted(words)


@pytest.mark.parametrize(
    ("values", "regex"),
    [
        (["ORD-1", "ORD-22", "ORD-333"], "^ORD-[0-9]+$"),
        (["EUR", "USD", "GBP"], "^[A-Z]{3}$"),
        (["a@b.eu", "c.d@e.org", "x+y@z.fr"], "^[^@ ]+@[^@ .]+[.][^@ ]+$"),
        (["ORD-1", "ORD-22", "REF-3"], None),
        (["EUR", "USD"], None),
        (["EUR", "USD", "GBP\n"], None),
        (["a@b.eu", "c.d@e.org", "nobody"], None),
        (["a1/2", "a1/3", "a1/4"], None),
        (["C-1", "C-2", "C-" + "3" * 500], None),
    ],
)
def test_an_obvious_form_is_a_regex(values: list[str], regex: str | None) -> None:
    assert (form.regex if (form := form_of(values)) else None) == regex


@pytest.mark.parametrize(
    "name", ["email", "customerEmail", "phone_number", "name", "LAST_NAME", "fullName", "iban", "nom", "api_key"]
)
def test_a_name_tells_what_is_personal(name: str) -> None:
    assert is_personal(name)


@pytest.mark.parametrize("name", ["product_name", "file_name", "amount", "shipment", "mailing", "named", "id", "", "é"])
def test_a_name_that_only_resembles_one_does_not(name: str) -> None:
    assert not is_personal(name)


@pytest.mark.parametrize(("name", "wanted"), [("id", True), ("orderId", True), ("paid", False), ("idea", False)])
def test_a_name_tells_what_is_an_id(name: str, wanted: bool) -> None:  # noqa: FBT001
    assert is_id(name) is wanted


def test_of_what_is_personal_no_value_gets_into_the_suite() -> None:
    text = propose(pd.DataFrame({"contact": ["ann@x.eu", "bob@x.eu", "cee@x.eu"] * 5, "nom": ["Ann", "Bob", "C"] * 5}),
                   "s.csv", "made").text  # fmt: skip
    data = yaml.safe_load(text)
    assert [each.get("sensitive") for each in data["columns"].values()] == [True, True]
    assert not any(each in text for each in ("ann@", "Ann", "Bob"))


def test_a_secret_is_not_copied_into_the_suite() -> None:
    token = "AKIA" + "IOSFODNN7EXAMPLQ"
    text = propose(pd.DataFrame({"source": [token, "none at all"] * 10}), "s.csv", "made").text
    assert token not in text
    assert "sensitive: true" in text


def test_the_key_is_critical_and_other_unique_columns_are_not() -> None:
    found = proposed(order_id=[1, 2, 3], code=["a", "b", "c"], comment=["x", "y", "z"], paid=[1.5, 2.5, 3.5])
    unique = {column: each for (name, column), each in found["expectations"].items() if name == UNIQUE}
    assert unique == {"order_id": {}, "code": WARNING}


def test_two_columns_may_be_the_key() -> None:
    days = [f"2026-01-{day:02}" for day in range(1, 11)]
    found = proposed(day=[day for day in days for _ in "ab"], shop=["a b", "c"] * 10, sold=[1.5] * 20)
    assert found["expectations"]["compound_columns_to_be_unique", None] == {"column_list": ["day", "shop"], **WARNING}


@pytest.mark.parametrize(
    ("values", "config"),
    [
        ([1, 2], {"type": "integer", "nullable": False}),
        ([1.0, 2.0], {"type": "number", "nullable": False}),
        ([2.0, None], {"type": "integer"}),
        ([None, None], {}),
        ([1.0, 0.0, None], {}),
        ([True, None], {"type": "boolean"}),
        ([True, False], {"type": "boolean", "nullable": False}),
        (["2026-01-01", None], {"type": "date"}),
        (["2026-01-01T10:00:00Z", "2026-01-01 11:00:00+00:00"], {"type": "timestamp", "nullable": False}),
        (["2026-01-01", "0000-99-01"], {"type": "text", "nullable": False}),
        (["2026-01-01", "tomorrow"], {"type": "text", "nullable": False}),
        ([date(2026, 1, 1), None], {"type": "date"}),
        ([Decimal("1.5"), Decimal(2)], {"type": "number", "nullable": False}),
        ([1, "a"], {"nullable": False}),
        ([{"a": 1}, [2]], {"nullable": False}),
    ],
)  # fmt: skip
def test_a_type_is_said_only_where_it_is_sure(values: list[Any], config: dict[str, Any]) -> None:
    assert proposed(x=values)["columns"]["x"] == config


def held(root: Path, file: Path) -> list[str]:
    """What a check finds in the suite that is proposed for a file, and what of it the file itself does not bear out."""
    refuse_unreadable(file, file.name)
    frame = read_frame(file, file.name, [])
    refuse_frame(frame, file.name)
    (root / SUITE).parent.mkdir(parents=True, exist_ok=True)
    (root / SUITE).write_text(propose(frame, file.name, "made", padded_columns(file)).text, encoding="utf-8")
    found = check(load(from_directory(root)), Known(CATALOG)).diagnostics
    suite = read_suite(root, "team/made")
    batch = of_file(file, file.name, [each.name for each in suite.columns if each.type in MOMENTS])
    assert [each.name for each in suite.columns] == list(batch.data.dataframe.columns)
    result = validate(suite, batch)
    return [*(f"{each.rule}: {each.message}" for each in found), *map(str, (*result.stopping, *result.reported))]


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=12)
CELLS = {
    "integers": st.integers(-(10**20), 10**20).map(str),
    "small": st.integers(0, 6).map(str),
    "numbers": st.floats().map(str),
    "decimals": st.decimals(-1000, 1000, places=2).map(str),
    "texts": TEXTS,
    "words": st.sampled_from(
        ["on", "NA", "~", "- a", "x: y", "'q'", '"', "#", "2024", "${{ x }}", "{{ ds }}", "\u2028"]
    ),
    "dates": st.dates().map(str),
    "moments": st.datetimes().map(str),
    "flags": st.sampled_from(["true", "False"]),
    "forms": st.integers(0, 999).map("A.B/{:03}".format),
    "padded": st.integers(0, 99).map("{:05}".format),
    "mails": st.integers(0, 9).map("{}@example.com".format),
}
NAMES = st.one_of(
    st.sampled_from(["id", "mail", "on", "null", "a: b", "<<", "-", "{x}", "password", "a,b", 'q"', "é", "2024"]),
    st.text(string.ascii_letters + "_ .:#'\\\u00e9\u4e2d", min_size=1, max_size=8),
)


@st.composite
def tables(draw: st.DrawFn) -> str:
    """A CSV file of a few columns, each with cells of one kind and gaps, or of several."""
    names = draw(st.lists(NAMES.filter(str.strip), min_size=1, max_size=5, unique=True))
    kinds = [st.one_of(draw(st.lists(st.sampled_from([*CELLS.values()]), min_size=1, max_size=2))) for _ in names]
    rows = draw(st.sampled_from([1, 2, 12, 30]))
    cells = [
        [draw(st.one_of(kind, st.just("")) if draw(st.booleans()) else kind) for kind in kinds] for _ in range(rows)
    ]
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([names, *cells])
    return stream.getvalue()


@pytest.mark.usefixtures("_great_expectations")
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(table=tables())
def test_what_is_proposed_is_right_as_it_is_and_the_sample_holds_against_it(
    table: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("made")
    file = root / "sample.csv"
    file.write_bytes(table.encode())
    try:
        assert held(root, file) == []
    except BatchError as error:
        assert "has no header" in str(error) or "column" in str(error)  # noqa: PT017


@pytest.mark.usefixtures("_great_expectations")
@pytest.mark.parametrize(
    "lines",
    [
        '{"id": 1, "tags": ["a"], "at": "2026-01-01", "ok": true, "by": {"x": 1}}\n{"id": 2, "tags": [], "ok": null}\n',
        '{"id": 12345678901234567890, "x": 1}\n{"id": 3, "x": "a"}\n',
    ],
)
def test_json_lines_too(lines: str, tmp_path: Path) -> None:
    file = tmp_path / "sample.jsonl"
    file.write_text(lines)
    assert held(tmp_path, file) == []


@pytest.mark.usefixtures("_great_expectations")
def test_parquet_too(tmp_path: Path) -> None:
    file = tmp_path / "sample.parquet"
    day, amount = date(2026, 1, 1), Decimal("1.50")
    pd.DataFrame({"id": [1, 2], "day": [day, None], "amount": [amount, amount], "x": [[1], None]}).to_parquet(file)
    assert held(tmp_path, file) == []


def test_the_same_sample_is_always_proposed_the_same() -> None:
    frame = pd.DataFrame({"id": [3, 1, 2], "state": ["b", "a", "b"], "at": ["2026-01-01"] * 3})
    assert propose(frame.copy(), "s.csv", "made") == propose(frame.copy(), "s.csv", "made")
