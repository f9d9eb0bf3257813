"""What stands in a cell of a table: medians, spreads, and numbers as a person says them."""

import statistics
from collections.abc import Callable

from tests.benchmarks.rows import Row
from tests.benchmarks.samples import Samples

Form = Callable[[float], str]
NOT_MEASURED = "-"


def seconds(value: float) -> str:
    """A time."""
    return f"{value * 1000:.3g} ms" if value < 0.9995 else f"{value:.3g} s"


def percent(value: float) -> str:
    """A part of a core."""
    return f"{value:.1f} %"


def mebibytes(value: float) -> str:
    """Memory; the unit is the table's."""
    return f"{value:.0f}"


def rational(value: float) -> str:
    """A ratio."""
    return f"1/{1 / value:.3g}" if value < 1 else f"{value:.2f}"


def form_of(row: Row) -> Form:
    """How the values of a row are said."""
    return percent if row.unit == "%" else seconds


def median(samples: Samples, row: str, dags: int, contender: str, form: Form = seconds) -> str:
    """The median of the rounds."""
    values = samples.of(row, dags, contender)
    return form(statistics.median(values)) if values else NOT_MEASURED


def spread(samples: Samples, row: str, dags: int, contender: str, form: Form = seconds) -> str:
    """The median, the lowest and the highest."""
    values = samples.of(row, dags, contender)
    if len(values) < 2:
        return median(samples, row, dags, contender, form)
    return f"{form(statistics.median(values))} ({form(min(values))} to {form(max(values))})"
