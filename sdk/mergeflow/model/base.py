"""The base of all models, and the types that they share."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError


class ConfigModel(BaseModel):
    """A mapping of a config file: strict about types, and about keys that nobody would read."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


def _refuse_plain(value: object) -> object:
    """Values with `__type__` never reach a model, so what does is plain, and Airflow would refuse it."""
    if value is not None:
        raise PydanticCustomError("duration", "a time span")
    return value


Moment = datetime | date | str
"""A date, a date and time, or a text that dag-factory reads: `2024-01-01`, `2 days`."""

Duration = Annotated[None, BeforeValidator(_refuse_plain)]
"""A `datetime.timedelta`, which YAML can only name through `__type__`."""

Seconds = int | float | None
"""A time span that Airflow also takes as a number of seconds."""

Callback = str | dict[str, Any] | list[Any] | None
"""An import path; or `callback` with its arguments; or several."""

LARGEST = 2**31 - 1
"""The largest number that fits into a column of Airflow's database; one beyond it would end the dag-processor."""

AtLeastZero = Annotated[int, Field(ge=0, le=LARGEST)]
AtLeastOne = Annotated[int, Field(ge=1, le=LARGEST)]
Number = Annotated[int, Field(ge=-LARGEST, le=LARGEST)]
Name = Annotated[str, Field(max_length=500)]
