"""What the fields of task types share."""

from typing import Annotated, Any

from pydantic import Field

from mergeflow.model.base import LARGEST

Positive = Annotated[int, Field(ge=1, le=LARGEST)]
"""A number of something, such as seconds."""


def choice(default: str, *texts: str, description: str) -> Any:
    """A field of type `str` that takes only these: the table has them, so that no check needs the model for it."""
    return Field(default, description=description, json_schema_extra={"enum": list(texts)})


def span(seconds: int) -> dict[str, Any]:
    """A time span as dag-factory builds it."""
    return {"__type__": "datetime.timedelta", "seconds": seconds}
