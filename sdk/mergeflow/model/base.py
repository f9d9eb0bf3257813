"""The base of all models, and the types that they share."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError


class ConfigModel(BaseModel):
    """A mapping of a config file: strict about types, and about keys that nobody would read."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


def _refuse_plain(value: object) -> object:
    """Values with `__type__` never reach a model, so what does is plain, and Airflow would refuse it."""
    if value is not None:
        raise PydanticCustomError("duration", "a time span")
    return value


def _refuse_all(value: object) -> object:
    if value is not None:
        raise PydanticCustomError("object", "an object")
    return value


def _refuse_without_time(value: object) -> object:
    """dag-factory makes nothing of these dates, and Airflow takes no date without a time."""
    if value is not None and not isinstance(value, datetime):
        raise PydanticCustomError("instant", "a date with a time")
    return value


Moment = datetime | date | str
"""A date, a date and time, or a text that dag-factory reads: `2024-01-01`, `2 days`."""

Instant = Annotated[datetime | None, BeforeValidator(_refuse_without_time)]
"""A date and time, as YAML writes it."""

Duration = Annotated[None, BeforeValidator(_refuse_plain)]
"""A `datetime.timedelta`, which YAML can only name through `__type__`."""

Built = Annotated[None, BeforeValidator(_refuse_all)]
"""An object of some class, which YAML can only name through `__type__`."""

Seconds = int | float | None
"""A time span that Airflow also takes as a number of seconds."""

CallbackWithArguments = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "required": ["callback"],
            "properties": {"callback": {"type": "string", "description": "Import path of a function or notifier."}},
        }
    ),
]
"""`callback`, and the arguments that it gets beside Airflow's context; a rule asks for `callback`."""

Callback = str | CallbackWithArguments | None
"""An import path, or `callback` with its arguments."""

AssetsOfAFile = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "required": ["file", "datasets"],
            "additionalProperties": False,
            "properties": {
                "file": {"type": "string", "description": "Absolute path of a YAML file with `datasets`."},
                "datasets": {"type": "array", "items": {"type": "string"}, "description": "Names in that file."},
            },
        }
    ),
]
"""Assets that are looked up by name in a file; a rule asks for both keys."""

Assets = list[Any] | AssetsOfAFile | None
"""URIs and objects in a list, or names in a file."""

LARGEST = 2**31 - 1
"""The largest number that fits into a column of Airflow's database; one beyond it would end the dag-processor."""

AtLeastZero = Annotated[int, Field(ge=0, le=LARGEST)]
AtLeastOne = Annotated[int, Field(ge=1, le=LARGEST)]
Number = Annotated[int, Field(ge=-LARGEST, le=LARGEST)]
Name = Annotated[str, Field(max_length=500)]
