"""What must be shown nowhere: the values of a suite's sensitive columns, wherever Great Expectations mentions them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mergeflow.quality.outcome import Example
from mergeflow.quality.suite import Expectation, Suite

MASK = "•••"
"""In the place of a value."""

_COLUMNS = ("column", "column_A", "column_B", "column_list")
"""The parameters that name the columns whose values an expectation looks at."""
_VALUES = ("value_set", "value_pairs_set")
"""The parameters that hold a column's own values, although they stand in the suite."""
_OF_NO_VALUES = ("expect_table_", "expect_column_to_exist", "column_type")
"""Expectations that look at no values, by how their names begin."""
_COUNTED = ("unique_value_count", "proportion_of_unique_values", "proportion_of_non_null_values")
"""Those of a column whose observed value is a count or a share."""
_DRIVERS = re.compile(r"^.*?\((?:psycopg|pymysql|sqlite3)\.(?:\w+\.)*(\w+)\) (?:\((?!1644\b)\d+, ['\"])?")
"""What SQLAlchemy writes before what a driver said."""
_OF_USERS = "RaiseException"
"""What a function in the database raises with words of its own; MySQL's have the number 1644."""
_PLAIN_WORDS = re.compile(r"[A-Za-z][A-Za-z ,.-]*")
"""The part of a database's words that can quote no value: values come after a colon or between quotes."""


@dataclass(frozen=True, slots=True)
class Masking:
    """The sensitive columns of a suite; names count as databases compare them, whatever their case and quotes."""

    columns: frozenset[str] = frozenset()

    def hides(self, expectation: Expectation) -> bool:
        """Whether what an expectation has looked at may be a sensitive value; one without columns may look at all."""
        if not self.columns or snake(expectation.name).startswith(_OF_NO_VALUES):
            return False
        named = columns_of(expectation)
        return not named or any(_name(name) in self.columns for name in named)

    def wanted(self, expectation: Expectation) -> Expectation:
        """The expectation as it may be shown."""
        if not self.hides(expectation):
            return expectation
        shown = {key: MASK if key in _VALUES else value for key, value in expectation.parameters.items()}
        return replace(expectation, parameters=shown)

    def observed(self, expectation: Expectation, value: Any) -> Any:
        """The one thing that was looked at; a count is no value."""
        counted = any(each in snake(expectation.name) for each in _COUNTED) or "rows" in expectation.name.lower()
        return value if value is None or counted or not self.hides(expectation) else MASK

    def example(self, expectation: Expectation, example: Example) -> Example:
        """A value with the key of its row."""
        value = MASK if self.hides(expectation) else example.value
        return Example(value, self.row(example.key))

    def row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row's columns by name."""
        return {name: MASK if _name(name) in self.columns else value for name, value in row.items()}

    def said(self, raised: str) -> str:
        """What an exception said: with sensitive columns around, only a database's own words, up to the first value."""
        if not self.columns:
            return raised
        driver = _DRIVERS.match(raised)
        words = _PLAIN_WORDS.match(raised[driver.end() :]) if driver else None
        if driver and words and driver.group(1) != _OF_USERS:
            return words.group().strip(" ,.-")
        kind = f"`{driver.group(1)}`" if driver else "an error"
        return f"it raised {kind}, and what that says is not shown: it may quote a sensitive column"


NOTHING = Masking()
"""Hides nothing."""


def masking_of(suite: Suite) -> Masking:
    """What a suite wants hidden."""
    return Masking(frozenset(_name(each.name) for each in suite.columns if each.sensitive))


def columns_of(expectation: Expectation) -> list[str]:
    """The columns whose values an expectation looks at, as far as it names them."""
    named = [expectation.parameters[key] for key in _COLUMNS if key in expectation.parameters]
    return [str(name) for each in named for name in (each if isinstance(each, list) else [each])]


def _name(column: str) -> str:
    return column.strip("\"'`[]").casefold()


def snake(name: str) -> str:
    """`ExpectTableRowCountToEqual` by its other name."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
