"""An environment: variables, and patches of DAGs."""

from typing import Any

from pydantic import Field

from mergeflow.model.base import ConfigModel


class Environment(ConfigModel):
    """A file of `configs/environments/`."""

    description: str | None = Field(None, description="Where the DAGs run.")
    vars: dict[str, Any] = Field({}, description="What `${{ vars.x }}` stands for here.")
    patches: list[Any] = Field([], description="What some DAGs have otherwise here; of two, the later is stronger.")


class Patch(ConfigModel):
    """One entry of an environment's `patches`."""

    dags: str | list[str] = Field(description="The dag_ids, or patterns of them: `payments_*`.")
    set: dict[str, Any] = Field(description="What these DAGs have here: keys of a DAG, mappings merged.")
