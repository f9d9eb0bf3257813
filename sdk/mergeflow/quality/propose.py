"""A suite proposed from a sample: what a person would write after looking at it, each line with its reason.

The sample holds against it. Structure is critical; what is guessed from values is a warning, for the next batch may
rightly have others.
"""

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import TYPE_CHECKING, Any

from mergeflow.quality.columns import Column, look
from mergeflow.quality.forms import grows
from mergeflow.quality.outcome import cut
from mergeflow.render.suite import Said, suite

if TYPE_CHECKING:
    from pandas import DataFrame

MOST_IN_SET = 20
"""Different values that still look like a set that somebody has fixed."""
LONGEST_IN_SET = 50
"""Characters of a text in a set."""
OFTEN = 3
"""How often each value of a set must be there on average: fewer are chance."""
FEWEST_ROWS = 10
"""Below it nothing is guessed from what values are there."""
MOST_FOR_PAIRS = 8
"""Columns of which every two are tried as a key."""
_BEYOND = 2**63
"""The first whole number that no YAML here may hold."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A suite's text, and the columns that look personal."""

    text: str
    sensitive: tuple[str, ...]


def propose(
    frame: "DataFrame",
    source: str,
    dataset: str,
    padded: Collection[str] = (),
    tick: Callable[[str], None] = lambda _: None,
) -> Proposal:
    """A suite for a frame with rows and named columns, in which texts become dates.

    `source` and `dataset` are the names of the file and of what it is a sample of; `padded` are columns of numbers that
    begin with zeros in the file. `tick` is told what is looked at, for it may take seconds.
    """
    columns = []
    for name in frame.columns:
        tick(f"looking at column {cut(name)}")
        columns.append(look(frame, name, padded))
    tick("looking for keys")
    expectations = [
        Said({"expectation": "expect_table_row_count_to_be_between", "min_value": 1}, "No batch is empty."),
        *_keys(frame, columns),
        *(said for column in columns for said in _of_values(column)),
    ]
    rows = f"{len(frame):,} row{'s' if len(frame) != 1 else ''}"
    about = (
        f"Proposed from {rows} of {cut(source)}: a sample shows what was, and you know what must be.\n"
        "Change whatever is chance, and remove this comment."
    )
    text = suite(about, dataset, {column.name: _said(column) for column in columns}, expectations)
    return Proposal(text, tuple(column.name for column in columns if column.sensitive))


def _said(column: Column) -> Said:
    config: dict[str, Any] = {"type": column.type} if column.type else {}
    whys = []
    if not column.gaps:
        config["nullable"] = False
    elif column.gaps == column.rows:
        whys.append("empty in every row, so its type is not known")
    else:
        whys.append(f"empty in {column.gaps:,} of {column.rows:,} rows")
    if column.untyped:
        whys.append(column.untyped)
    if column.sensitive:
        config["sensitive"] = True
        whys.append(f"{column.sensitive}, so shown nowhere")
    return Said(config, "; ".join(whys))


def _keys(frame: "DataFrame", columns: Sequence[Column]) -> Iterator[Said]:
    """What names a row: a column whose values are all different, or two that are so together."""
    if len(frame) < 2:
        return
    unique = [each for each in columns if each.is_unique and each.type in ("integer", "text")]
    keys = [each for each in unique if each.is_id or (each.form is not None and len(frame) >= FEWEST_ROWS)]
    if not keys and unique and unique[0] is columns[0]:
        keys = unique[:1]
    for i, column in enumerate(keys):
        config = {"expectation": "expect_column_values_to_be_unique", "column": column.name}
        if i:
            yield Said({**config, "severity": "warning"}, "No value is there twice here, either.")
        else:
            yield Said(config, "No value is there twice: it looks like the key.")
    if keys or len(frame) < FEWEST_ROWS:
        return
    full = [each for each in columns if not each.gaps and each.values is not None and len(each.values) > 1]
    able = [each for each in full if each.type in ("integer", "text", "date", "timestamp")]
    for pair in combinations(able[:MOST_FOR_PAIRS], 2):
        names = [each.name for each in pair]
        if math.prod(len(each.values or ()) for each in pair) >= len(frame) and not frame.duplicated(names).any():
            compound = {"expectation": "expect_compound_columns_to_be_unique", "column_list": names}
            why = "No pair of values is there twice: together they may be the key."
            yield Said({**compound, "severity": "warning"}, why)
            return


def _of_values(column: Column) -> Iterator[Said]:
    """What a column's values have in common, as far as they may be shown."""
    if not column.values or column.rows - column.gaps < 2:
        return
    if column.form is not None and not _is_set(column):
        config = {"expectation": "expect_column_values_to_match_regex", "column": column.name}
        config["regex"] = column.form.regex
        yield Said({**config, "severity": "warning"}, f"All of them are {column.form.called}.")
    if column.sensitive:
        return
    if _is_set(column):
        config = {"expectation": "expect_column_values_to_be_in_set", "column": column.name}
        number = "This one value is" if len(column.values) == 1 else f"These {len(column.values)} values are"
        yield Said({**config, "value_set": [*column.values], "severity": "warning"}, f"{number} all there is.")
    elif column.type in ("integer", "number") and (bounds := _bounds(column)):
        config = {"expectation": "expect_column_values_to_be_between", "column": column.name}
        yield Said({**config, **bounds, "severity": "warning"}, _of_bounds(column))


def _is_set(column: Column) -> bool:
    """Whether few values come again and again; numbers only where they are no range, such as status codes."""
    values = column.values or ()
    if column.sensitive:
        return False
    seen = column.rows - column.gaps
    if len(values) > MOST_IN_SET or seen < max(FEWEST_ROWS, OFTEN * len(values)):
        return False
    if column.type == "integer":
        return (
            1 < len(values) <= 5 and not (_is_dense(values) or grows(column.name)) and max(map(abs, values)) < _BEYOND
        )
    return column.type == "text" and all(len(each) <= LONGEST_IN_SET and each.isprintable() for each in values)


def _bounds(column: Column) -> dict[str, Any]:
    """A range that holds all values, with ends that a person would have chosen."""
    values = column.values or ()
    low, high = values[0], values[-1]
    if not (math.isfinite(low) and math.isfinite(high)) or max(abs(low), abs(high)) >= _BEYOND or low == high:
        return {}
    if column.type == "integer" and _is_dense(values) and column.rows >= OFTEN * len(values):
        return {"min_value": low, "max_value": high}
    lower, upper = _rounded(low, high, whole=column.type == "integer")
    if grows(column.name) or (column.is_unique and _is_dense(values)):  # it grows
        return {"min_value": lower} if lower >= 0 and not column.is_unique else {}
    return {"min_value": lower, "max_value": upper}


def _of_bounds(column: Column) -> str:
    values = column.values or ()
    if column.type == "integer":
        return f"They are from {values[0]} to {values[-1]}."
    return f"They are from {values[0]:.6g} to {values[-1]:.6g}."


def _is_dense(values: Sequence[int]) -> bool:
    """Whether every whole number between the ends is there."""
    return len(values) > 1 and values[-1] - values[0] == len(values) - 1


def _rounded(low: float, high: float, *, whole: bool) -> tuple[int | float, int | float]:
    """Both ends moved outwards to two digits of the larger one.

    What begins near 0 begins there; and what is whole and positive, with 1.
    """
    exact = Decimal(str(low)), Decimal(str(high))
    step = Decimal(1).scaleb(max(abs(each) for each in exact if each).adjusted() - 1)
    step = max(step, Decimal(1)) if whole else step
    lower = (exact[0] / step).to_integral_value("ROUND_FLOOR") * step
    upper = (exact[1] / step).to_integral_value("ROUND_CEILING") * step
    if 0 < low <= high / 10:
        lower = Decimal(1 if whole else 0)
    return _number(lower), _number(upper)


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() and abs(value) < _BEYOND else float(value)
