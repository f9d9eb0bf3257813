"""A task group: a box around tasks in Airflow's graph, with defaults of its own."""

from typing import Any

from pydantic import Field

from mergeflow.model.base import ConfigModel


class TaskGroup(ConfigModel):
    """One task group of a DAG."""

    group_name: str | None = Field(None, description="The group's name, in the list form.")
    parent_group_name: str | None = Field(None, description="The group that this one is in.")
    dependencies: list[str] = Field([], description="Tasks and groups that come before all of this group.")
    group_display_name: str = Field("", description="The name that Airflow's UI shows.")
    prefix_group_id: bool | None = Field(None, description="Whether the tasks' ids begin with the group's.")
    add_suffix_on_collision: bool | None = Field(None, description="Whether a second group of this name gets a number.")
    default_args: dict[str, Any] = Field({}, description="What every task of this group starts from.")
    tooltip: str = Field("", description="What Airflow's graph shows when the mouse is over the group.")
    doc_md: str | None = Field(None, description="The group's documentation, in Markdown.")
    ui_color: str = Field("", description="The group's colour in Airflow's graph.")
    ui_fgcolor: str = Field("", description="The colour of its label.")
