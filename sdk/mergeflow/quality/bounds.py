"""A report in plain JSON of bounded size, whatever a suite or a database has put into it."""

import math
from collections.abc import Mapping
from itertools import islice
from typing import Any

LONGEST = 2_000
"""Characters of a text in a report."""
MOST_ITEMS = 200
"""Entries of a list or mapping within an outcome: a `value_set` may hold a million."""
DEEPEST = 8
"""Lists and mappings within one another in an outcome."""
MOST_OUTCOMES = 5_000


def bounded(report: Mapping[str, Any]) -> dict[str, Any]:
    """A report whose texts, lists and mappings are of bounded size, in plain JSON."""
    plain = {str(key): _plain(value, DEEPEST) for key, value in report.items() if key != "result"}
    result = report.get("result")
    if not isinstance(result, Mapping):
        return {**plain, "result": None}
    listed = result.get("outcomes") or ()
    outcomes = [_plain(each, DEEPEST) for each in islice(listed, MOST_OUTCOMES)]
    about = {str(key): _plain(value, DEEPEST) for key, value in result.items() if key != "outcomes"}
    return {**plain, "result": {**about, "outcomes": outcomes, "omitted": len(listed) - len(outcomes)}}


def _plain(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}…"
    if isinstance(value, bool | int | float) or value is None:
        return str(value) if isinstance(value, float) and not math.isfinite(value) else value
    return _plain_parts(value, depth - 1) if depth else "…"


def _plain_parts(value: Any, depth: int) -> Any:
    if isinstance(value, Mapping):
        return {_plain(str(key), 1): _plain(each, depth) for key, each in islice(value.items(), MOST_ITEMS)}
    if isinstance(value, list | tuple | set | frozenset):
        more = [f"… {len(value) - MOST_ITEMS} more"] if len(value) > MOST_ITEMS else []
        return [*(_plain(each, depth) for each in islice(value, MOST_ITEMS)), *more]
    return _plain(str(value), 1)
