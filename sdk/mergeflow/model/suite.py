"""An expectation suite: what a dataset must look like. Which expectations exist, the catalog knows."""

from typing import Any

from pydantic import ConfigDict

from mergeflow.model.base import ConfigModel


class Suite(ConfigModel):
    """One file below `validators/expectations/`."""

    description: str | None = None
    dataset: str | None = None
    columns: dict[str, Any] | list[Any] | None = None
    expectations: list[Any]


class Column(ConfigModel):
    """A column of the dataset; its name stands here where the columns are a list."""

    name: str | None = None
    description: str | None = None
    type: str | None = None
    nullable: bool | None = None
    sensitive: bool | None = None


class Expectation(ConfigModel):
    """One expectation of a suite; its other keys are the expectation's own parameters."""

    model_config = ConfigDict(extra="allow")

    expectation: str
    severity: str | None = None
