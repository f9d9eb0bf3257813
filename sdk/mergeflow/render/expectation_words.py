"""What an expectation wants, in words: its own name is exact, and nobody's first language."""

import re
from collections.abc import Mapping
from typing import Any

from mergeflow.render.shown_values import shown

_WORDS = {
    "column_type": "type is {type}",
    "expect_column_to_exist": "the column exists",
    "expect_column_values_to_be_in_set": "values are one of {value_set}",
    "expect_column_values_to_be_in_type_list": "type is one of {type_list}",
    "expect_column_values_to_be_null": "every value is missing",
    "expect_column_values_to_be_of_type": "type is {type_}",
    "expect_column_values_to_be_unique": "no value occurs twice",
    "expect_column_values_to_match_like_pattern": "values are like {like_pattern}",
    "expect_column_values_to_match_regex": "values match {regex}",
    "expect_column_values_to_match_strftime_format": "values are dates such as {strftime_format}",
    "expect_column_values_to_not_be_in_set": "values are none of {value_set}",
    "expect_column_values_to_not_be_null": "no value is missing",
    "expect_column_values_to_not_match_regex": "no value matches {regex}",
    "expect_column_value_lengths_to_equal": "values have {value} characters",
    "expect_column_distinct_values_to_be_in_set": "distinct values are of {value_set}",
    "expect_column_distinct_values_to_contain_set": "distinct values contain {value_set}",
    "expect_column_distinct_values_to_equal_set": "distinct values are {value_set}",
    "expect_column_most_common_value_to_be_in_set": "the most common value is one of {value_set}",
    "expect_column_pair_values_to_be_equal": "{column_A} equals {column_B}",
    "expect_column_pair_values_a_to_be_greater_than_b": "{column_A} is greater than {column_B}",
    "expect_compound_columns_to_be_unique": "{column_list} together occur only once",
    "expect_select_column_values_to_be_unique_within_record": "{column_list} differ within each row",
    "expect_multicolumn_sum_to_equal": "{column_list} add up to {sum_total}",
    "expect_table_row_count_to_equal": "there are {value} rows",
    "expect_table_row_count_to_equal_other_table": "there are as many rows as in {other_table_name}",
    "expect_table_column_count_to_equal": "there are {value} columns",
    "expect_table_columns_to_match_ordered_list": "the columns are {column_list}, in this order",
    "expect_table_columns_to_match_set": "the columns are {column_set}",
    "unexpected_rows_expectation": "a query finds no rows",
}
_BETWEEN = {
    "expect_column_values_to_be_between": "values are",
    "expect_column_value_lengths_to_be_between": "lengths of values are",
    "expect_table_row_count_to_be_between": "the number of rows is",
    "expect_table_column_count_to_be_between": "the number of columns is",
}
_STATISTIC = re.compile(r"expect_column_(?P<what>\w+)_to_be_between")
_SHOWN_ELSEWHERE = {"column", "severity"}


def wanted(name: str, parameters: Mapping[str, Any]) -> str:
    """The wish in words, without its column; any expectation that has none here is spelled from its name."""
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    statistic = _STATISTIC.fullmatch(snake)
    if snake in _BETWEEN or statistic:
        subject = _BETWEEN.get(snake) or f"the {statistic['what'].replace('_', ' ')} is"  # type: ignore[index]
        words = f"{subject} {_between(parameters)}"
    elif snake in _WORDS and _named(_WORDS[snake]) <= parameters.keys():
        words = re.sub(r"\{(\w+)\}", lambda found: _spelled(parameters[found[1]]), _WORDS[snake])
    else:
        words = snake.removeprefix("expect_column_").removeprefix("expect_").replace("_", " ")
        given = [f"{key}: {_spelled(value)}" for key, value in parameters.items() if key not in _SHOWN_ELSEWHERE]
        words += f" ({', '.join(given)})" if given else ""
    mostly = parameters.get("mostly")
    if isinstance(mostly, int | float) and not isinstance(mostly, bool) and 0 <= mostly < 1 and "mostly:" not in words:
        words += f", for at least {mostly * 100:g} %"
    return words


def _named(words: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", words))


def _between(parameters: Mapping[str, Any]) -> str:
    least, most = parameters.get("min_value"), parameters.get("max_value")
    over, under = parameters.get("strict_min") is True, parameters.get("strict_max") is True
    if least is not None and most is not None and not (over or under):
        return f"between {_spelled(least)} and {_spelled(most)}"
    parts = [] if least is None else [f"{'more than' if over else 'at least'} {_spelled(least)}"]
    parts += [] if most is None else [f"{'less than' if under else 'at most'} {_spelled(most)}"]
    return " and ".join(parts) or "of any size"


def _spelled(value: Any) -> str:
    return ", ".join(map(shown, value)) if isinstance(value, list) else shown(value)
