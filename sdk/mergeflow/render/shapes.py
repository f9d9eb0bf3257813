"""The models as a table, in Python: which keys each has, and which kinds of value a key surely takes.

Nothing is told from annotations: each key is tried with samples of each kind, so a new type needs no code here.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, get_args

from pydantic import ValidationError

from mergeflow.model.base import ConfigModel
from mergeflow.model.kinds import COUNTS, SHORT, Kind
from mergeflow.model.refusals import MODELS

SAMPLES: Mapping[Kind, tuple[Any, ...]] = {
    "nothing": (None,),
    "flag": (True, False),
    "count": (COUNTS[0], 2, 2**16, COUNTS[-1]),
    "number": (-1e300, -1.0, 0.0, 0.5, 1e300),
    "text": ("", "a", "é ✓\n", "{{ ds }}", "x" * SHORT),
    "prose": ("x" * (SHORT + 1), "x" * 100_000),
    "texts": ([], ["a"], ["", "x" * SHORT]),
    "counts": ([COUNTS[0]], [2, COUNTS[-1]]),
    "plains": ([COUNTS[0], ""], ["x" * SHORT, COUNTS[-1]]),
    "list": ([None], [1], [{}], [[]], [{"a": None}], ["x" * 100_000]),
    "labels": ({}, {"a": ""}, {"": "a", "x" * 1000: "x" * SHORT}),
    "mapping": ({}, {"a": None}, {"": [{}]}, {"x" * 1000: 1}),
    "moment": (date.min, date(2024, 2, 29), datetime(2024, 1, 1, tzinfo=UTC), datetime.max),  # noqa: DTZ901
}
"""The extremes of each kind: what takes all of them takes all of the kind."""

_HEAD = '''\
"""What the models take, as a table. Written by `python -m tests.render.generated` from the models."""

from collections.abc import Mapping

from mergeflow.model.kinds import Shape

SHAPES: Mapping[str, Shape] = {
'''


def render() -> str:
    """The whole module, without its last line break."""
    return _HEAD + "".join(line for name, model in MODELS.items() for line in tabulated(model, key=f'"{name}": ')) + "}"


def taken(model: type[ConfigModel], key: str) -> tuple[Kind, ...]:
    """The kinds of value that a key of a model takes."""
    kinds: tuple[Kind, ...] = get_args(Kind)
    return tuple(kind for kind in kinds if all(_takes(model, key, value) for value in SAMPLES[kind]))


def tabulated(model: type[ConfigModel], margin: str = "    ", key: str = "") -> Iterator[str]:
    """The lines of a model's `Shape`, as the formatter writes them; the first begins with `key`."""
    keys = {field.alias or name: field for name, field in model.model_fields.items()}
    required = tuple(name for name, field in keys.items() if field.is_required())
    yield f"{margin}{key}Shape(\n{margin}    required={listed(required)},\n"
    yield f"{margin}    open={model.model_config.get('extra') == 'allow'},\n{margin}    keys={{\n"
    for name in keys:
        yield f'{margin}        "{name}": {listed(taken(model, name))},\n'
    yield f"{margin}    }},\n{margin}),\n"


def _takes(model: type[ConfigModel], key: str, value: object) -> bool:
    try:
        model.model_validate({key: value})
    except ValidationError as error:
        return all(each["loc"][:1] != (key,) for each in error.errors(include_url=False))
    return True


def listed(texts: tuple[str, ...]) -> str:
    """A tuple as the formatter writes it."""
    inside = ", ".join(f'"{each}"' for each in texts)
    return f"({inside},)" if len(texts) == 1 else f"({inside})"
