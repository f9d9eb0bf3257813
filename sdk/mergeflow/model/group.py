"""A task group: a box around tasks in Airflow's graph, with defaults of its own."""

from typing import Any

from pydantic import Field

from mergeflow.model.base import ConfigModel


class TaskGroup(ConfigModel):
    """One task group of a DAG."""

    group_name: str | None = None
    parent_group_name: str | None = None
    dependencies: list[str] = Field(default_factory=list)
    group_display_name: str | None = None
    prefix_group_id: bool | None = None
    add_suffix_on_collision: bool | None = None
    default_args: dict[str, Any] = Field(default_factory=dict)
    tooltip: str | None = None
    doc_md: str | None = None
    ui_color: str | None = None
    ui_fgcolor: str | None = None
