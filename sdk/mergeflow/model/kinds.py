"""The kinds of plain value that a model's keys are tabulated by."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Kind = Literal[
    "nothing",
    "flag",
    "count",
    "number",
    "text",
    "prose",
    "texts",
    "counts",
    "plains",
    "list",
    "labels",
    "mapping",
    "moment",
]
"""`text` is short and `prose` of any length. `texts` is a list of short texts, `counts` one of counts, `plains` one of
both and `list` one of anything; `labels` is a mapping from texts to short texts and `mapping` one to anything."""

SHORT = 200
"""The most characters of a `text`."""

COUNTS = range(1, 2**31)
"""The whole numbers that are a `count`."""


class Shape(NamedTuple):
    """A model as a table: for each key the kinds of value that it surely takes; an open one takes other keys too."""

    required: tuple[str, ...]
    open: bool
    keys: Mapping[str, tuple[Kind, ...]]
