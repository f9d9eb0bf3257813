"""What would not stay in the database: of a few expectations Great Expectations fetches every different value."""

from typing import TYPE_CHECKING

from mergeflow.quality.masking import snake
from mergeflow.quality.suite import Expectation

if TYPE_CHECKING:
    from mergeflow.quality.batch import Batch

MOST_VALUES = 100_000
"""Different values of a column that may be fetched: some 30 MB."""
_FETCHING = frozenset(
    {
        "expect_column_distinct_values_to_contain_set",
        "expect_column_distinct_values_to_equal_set",
        "expect_column_kl_divergence_to_be_less_than",
        "expect_column_most_common_value_to_be_in_set",
    }
)


def too_many(expectation: Expectation, batch: "Batch") -> str:
    """Why an expectation cannot be looked at in a database; nothing where it can, or where something else is wrong."""
    column = expectation.parameters.get("column")
    engine = getattr(batch.execution, "engine", None)
    if snake(expectation.name) not in _FETCHING or engine is None or not isinstance(column, str):
        return ""
    import sqlalchemy as sa

    values = sa.select(sa.column(column)).select_from(batch.source).distinct().limit(MOST_VALUES + 1).subquery()
    try:
        with engine.connect() as connection:
            found = connection.execute(sa.select(sa.func.count()).select_from(values)).scalar_one()
    except sa.exc.SQLAlchemyError:
        return ""
    if found <= MOST_VALUES:
        return ""
    return f"column `{column}` has more than {MOST_VALUES} different values, and all of them would have to be fetched"
