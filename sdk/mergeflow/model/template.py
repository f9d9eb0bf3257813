"""A template: a DAG with parameters, from which DAGs are made."""

from typing import Any

from pydantic import Field

from mergeflow.model.base import ConfigModel


class Template(ConfigModel):
    """A file of `configs/templates/`."""

    description: str | None = Field(None, description="What a DAG that is made from this template does.")
    params: dict[str, Any] = Field(default_factory=dict, description="Its parameters, each a JSON Schema.")
    dag: dict[str, Any] = Field(description="The DAG; `${{ params.x }}` stands for a parameter's value.")
