"""The values that broke an expectation, taken from what Great Expectations says of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from mergeflow.quality.outcome import MOST_EXAMPLES, Example, plain
from mergeflow.quality.suite import Expectation


def examples(expectation: Expectation, seen: Mapping[str, Any], key: tuple[str, ...]) -> Iterator[Example]:
    """At most `MOST_EXAMPLES`, each with its row's key where that is known.

    A database answers for values and for rows apart, each time with those that it finds first: so where there are rows,
    their values are taken, and the others are forgotten. A frame's rows are counted, from 0 by pandas and from 1 here.
    """
    rows = (seen.get("partial_unexpected_index_list") or [])[:MOST_EXAMPLES]
    if key and rows:
        for row in rows:
            yield Example(_value(expectation.parameters, row), {name: plain(row[name]) for name in key})
        return
    for i, value in enumerate((seen.get("partial_unexpected_list") or [])[:MOST_EXAMPLES]):
        number = rows[i] if i < len(rows) else None
        yield Example(plain(value), {"row": number + 1} if isinstance(number, int) else {})


def _value(parameters: Mapping[str, Any], row: Mapping[str, Any]) -> Any:
    """What of a row an expectation has looked at: one value, two, or several by name."""
    if "column" in parameters:
        return plain(row.get(parameters["column"]))
    if "column_A" in parameters:
        return [plain(row.get(parameters[each])) for each in ("column_A", "column_B") if each in parameters]
    listed = parameters.get("column_list")
    return {name: plain(row.get(name)) for name in (listed if isinstance(listed, list) else row)}
