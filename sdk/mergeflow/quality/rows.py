"""The rows of a file that broke a suite, as a person sees them: whole, without what is sensitive."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from mergeflow.quality.masking import Masking, masking_of
from mergeflow.quality.outcome import Outcome, spell
from mergeflow.quality.result import Result
from mergeflow.quality.suite import Suite

if TYPE_CHECKING:
    from pandas import DataFrame

MOST_ROWS = 5
MOST_CELLS = 12
"""How much is shown of them; the outcomes say how many there are."""


class Row(NamedTuple):
    """A row by its number, from 1, and its cells in one line."""

    number: int
    cells: str

    def __str__(self) -> str:
        return f"row {self.number}: {self.cells}"


def broken_rows(result: Result, frame: "DataFrame", suite: Suite) -> list[Row]:
    """The first rows of a frame that are among the examples of what did not hold; those that stop it come first."""
    named = (number for each in (*result.stopping, *result.reported) for number in _numbers(each))
    chosen = [number for number in dict.fromkeys(named) if 0 < number <= len(frame)]
    masking = masking_of(suite)
    return [Row(number, _cells(frame, number, masking)) for number in chosen[:MOST_ROWS]]


def _numbers(outcome: Outcome) -> Iterator[int]:
    return (number for example in outcome.examples if isinstance(number := example.key.get("row"), int))


def _cells(frame: "DataFrame", number: int, masking: Masking) -> str:
    cells = dict(zip(frame.columns, frame.iloc[number - 1].tolist(), strict=True))
    shown = [f"{name} {spell(value)}" for name, value in masking.row(cells).items()]
    more = [f"and {len(shown) - MOST_CELLS} more"] if len(shown) > MOST_CELLS else []
    return ", ".join([*shown[:MOST_CELLS], *more])
