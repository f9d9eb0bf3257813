"""Rows of YAML are changed in their place: what is not meant stays as it is, to the character."""

from dataclasses import replace
from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mergeflow.plain_yaml import construct
from mergeflow.sync.edits import HEAD, RowsError, edited
from mergeflow.sync.rows import Row

ONE = Row(1, date(2024, 1, 1), "every 2 seconds", 1, "Add 2", "value + 2")
TWO = Row(2, date(2024, 1, 1), "every 5 seconds", 2, "Add 6", "value + 6")
FIVE = Row(5, date(2025, 3, 1), "@daily", 2, "Add 6", "value + 6")
TEXT = """\
# What runs, and for whom. 🎲

# asked for by Ada
- id: 1
  start_date: 2024-01-01
  interval: every 2 seconds   # as quick as it gets
  kpi: {id: 1, name: "Add 2", formula: value + 2}
  owner: ada

# asked for by Grace,
# who knows why
- kpi:
    # the formula is hers
    formula: value + 6
    id: 2
    name: Add 6
  interval: 'every 5 seconds'
  id: 2
  start_date: 2024-01-01
# the end
"""


def changed(text: str, *rows: Row, kept: tuple[int, ...] = ()) -> str:
    return edited(text, rows, kept)[0]


def test_nothing_changes_where_nothing_differs() -> None:
    assert edited(TEXT, (TWO, ONE)) == (TEXT, ())


def test_a_value_is_replaced_and_all_else_stays() -> None:
    after, changes = edited(TEXT, (replace(ONE, interval="5s", formula="max(value, 3)"), TWO))
    assert after == TEXT.replace("every 2 seconds ", "5s ").replace("formula: value + 2", "formula: 'max(value, 3)'")
    said = "change simulator 1: interval from `every 2 seconds` to `5s`, formula from `value + 2` to `max(value, 3)`"
    assert [str(each) for each in changes] == [said]


def test_a_row_goes_with_the_comments_above_it() -> None:
    after, changes = edited(TEXT, (ONE,))
    assert after == TEXT[: TEXT.index("# asked for by Grace")] + "# the end\n"
    assert [str(each) for each in changes] == [
        "remove simulator 2: Add 6 (value + 6), every 5 seconds, from 2024-01-01"
    ]


def test_what_stands_above_the_first_row_is_the_files() -> None:
    assert changed(TEXT, TWO).startswith("# What runs, and for whom. 🎲\n\n# asked for by Ada\n\n# asked for by Grace,")


def test_a_row_is_added_where_its_number_belongs() -> None:
    three = replace(FIVE, id=3)
    zero = replace(FIVE, id=0)
    after, changes = edited(TEXT, (FIVE, ONE, TWO, three, zero))
    assert [each.id for each in changes] == [0, 3, 5]
    assert [row["id"] for row in construct(after)] == [0, 1, 2, 3, 5]
    assert "- id: 3\n  start_date: 2025-03-01\n  interval: '@daily'\n  kpi:\n    id: 2\n    name: Add 6\n" in after
    for line in TEXT.splitlines():
        assert line in after.splitlines()


def test_a_row_that_cannot_be_read_at_the_site_stays() -> None:
    assert edited(TEXT, (ONE,), kept=(2,)) == (TEXT, ())


@pytest.mark.parametrize("text", ["", "# nobody yet\n", "# nobody yet", "[]\n", "# [a]\n[ ]\n"])
def test_the_first_rows_of_all(text: str) -> None:
    after, changes = edited(text, (TWO, ONE))
    assert construct(after) == [ONE.data(), TWO.data()]
    assert after.startswith(text.partition("[ ]")[0].removesuffix("[]\n") or (HEAD if not text else ""))
    assert len(changes) == 2
    assert edited(after, (ONE, TWO)) == (after, ())


def test_windows_line_ends_and_indentation_stay() -> None:
    text = "# a\r\n  - id: 2\r\n    start_date: 2024-01-01\r\n    interval: every 5 seconds\r\n"
    text += "    kpi: {id: 2, name: Add 6, formula: value + 6}\r\n"
    after = changed(text, TWO, FIVE)
    assert after.startswith(text)
    assert after.count("\n") == after.count("\r\n") == text.count("\r\n") + 7
    assert construct(after) == [TWO.data(), FIVE.data()]


def test_a_row_that_lacks_something_is_written_whole_and_keeps_what_is_the_users_own() -> None:
    text = "- {id: 1, owner: ada, start_date: 2024-01-01}\n- {id: 2}\n"
    after = changed(text, ONE, TWO)
    assert construct(after) == [{**ONE.data(), "owner": "ada"}, TWO.data()]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\n", "must list simulators"),
        ("[{id: 1}]\n", "must list simulators"),
        ("- 1\n", "must list simulators"),
        ("- {id: one}\n", "has a row without the number of a simulator under `id`"),
        ("- {name: Add}\n", "has a row without the number of a simulator under `id`"),
        ("- {id: 1}\n- {id: 1}\n", "has simulator 1 twice"),
        ("- {id: 1\n", "is no YAML"),
        ("- !!python/object:os.system {id: 1}\n", "is no YAML"),
    ],
)
def test_a_file_that_is_no_list_of_rows_is_left_alone(text: str, message: str) -> None:
    with pytest.raises(RowsError, match=message):
        edited(text, (ONE,))


def test_anchors_are_refused_when_a_change_would_break_them() -> None:
    text = "- {id: 1, start_date: 2024-01-01, interval: 2s, kpi: &k {id: 1, name: Add 2, formula: value + 2}}\n"
    text += "- {id: 2, start_date: 2024-01-01, interval: 2s, kpi: *k}\n"
    with pytest.raises(RowsError, match="anchors"):
        edited(text, (replace(ONE, interval="2s"), replace(ONE, id=2, interval="2s"))[1:])


ROW = st.builds(
    Row,
    id=st.integers(1, 6),
    start_date=st.dates(),
    interval=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=10),
    kpi_id=st.integers(1, 9),
    kpi_name=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=10),
    formula=st.sampled_from(["value + 2", "max(value, 3)", "value % 2 == 0", "- value", "value # 2", "{value}", "1"]),
)
ROWS = st.lists(ROW, unique_by=lambda row: row.id, max_size=6)


@given(first=ROWS, then=ROWS)
def test_whatever_the_rows_are_the_file_says_them(first: list[Row], then: list[Row]) -> None:
    text, _ = edited("", first)
    text, _ = edited(text, then)
    assert sorted(construct(text) or [], key=lambda row: row["id"]) == [
        row.data() for row in sorted(then, key=lambda row: row.id)
    ]
    assert edited(text, then) == (text, ())
    assert yaml.safe_load(text) == construct(text)
