"""What holds only because there was nothing to look at: of no rows, and of nulls alone, Great Expectations says yes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mergeflow.quality.masking import columns_of, snake
from mergeflow.quality.outcome import Outcome
from mergeflow.quality.suite import Expectation, Suite

_ROWS = Expectation("expect_table_row_count_to_be_between", {"min_value": 1})
_OF_NULLS = ("_to_exist", "_to_be_null", "_to_not_be_null", "_to_be_of_type", "_to_be_in_type_list", "column_type")
"""How the names end of expectations that know what to say of nulls."""
_SPOKEN = "expect_table_row_count_"


def unspoken(suite: Suite) -> tuple[Expectation, ...]:
    """What is looked at beside a suite's own expectations: whether there are rows, and in which columns any value."""
    nullable = {each.name for each in suite.columns if each.may_be_empty}
    columns = {name: None for each in suite.expectations if _wants_values(each) for name in columns_of(each)}
    share = "expect_column_proportion_of_non_null_values_to_be_between"
    beside = {"min_value": 0, "strict_min": True}
    return (_ROWS, *(Expectation(share, {"column": name, **beside}) for name in columns if name not in nullable))


def judged(suite: Suite, outcomes: Sequence[Outcome], beside: Sequence[Outcome]) -> Iterator[Outcome]:
    """The outcomes of a suite, none of which holds for want of data. `beside` is what came of the unspoken ones.

    A suite that speaks of the number of rows has its way: with a `min_value` of 0 a batch may be empty. A column that
    it calls `nullable: true` may hold nulls alone.
    """
    rows, *shares = beside
    is_empty = rows.status == "failed"
    if rows.status != "passed" and not any(snake(each.name).startswith(_SPOKEN) for each in suite.expectations):
        none = "there are no rows, and the suite does not say that there may be none"
        yield replace(rows, found=none) if is_empty else rows
    without = {each.expectation.parameters["column"] for each in shares if each.status == "failed" and not is_empty}
    for each in outcomes:
        lacking = without.intersection(columns_of(each.expectation)) if each.status == "passed" else ()
        if lacking and _wants_values(each.expectation):
            yield replace(each, status="failed", found=f"`{min(lacking)}` holds nothing but nulls")
        else:
            yield each


def _wants_values(expectation: Expectation) -> bool:
    return not snake(expectation.name).endswith(_OF_NULLS)
