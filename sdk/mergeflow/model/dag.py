"""A DAG, and the defaults that DAGs start from."""

from typing import Any

from pydantic import Field

from mergeflow.model.base import AtLeastOne, Callback, ConfigModel, Duration, Moment, Name


class Defaults(ConfigModel):
    """A `default` block, a `defaults.yml` or a patch: the keys that dag-factory reads of a DAG.

    Any other key it would pass over in silence.
    """

    description: str | None = Field(None, description="What the DAG is for, in one line.")
    dag_display_name: Name = Field("", description="The name that Airflow's UI shows in the place of the dag_id.")
    schedule: str | dict[str, Any] | list[Any] | None = Field(
        None, description="Cron expression, preset, list of assets, timetable by `__type__`, or null."
    )
    start_date: Moment | None = Field(None, description="From when the DAG runs: a date, or `2 days` for days ago.")
    end_date: Moment | None = Field(None, description="Until when the DAG runs.")
    timezone: str = Field("UTC", description="The time zone of this DAG's start and end date.")
    catchup: bool | None = Field(None, description="Whether the runs since the start date are made up for.")
    max_active_runs: AtLeastOne | None = Field(None, description="How many runs of this DAG may go on at once.")
    max_active_tasks: AtLeastOne | None = Field(None, description="How many tasks of this DAG may go on at once.")
    concurrency: AtLeastOne | None = Field(None, description="Old name of `max_active_tasks`.")
    dagrun_timeout: Duration = Field(None, description="How long a run may take: a `datetime.timedelta`.")
    is_paused_upon_creation: bool | None = Field(None, description="Whether a new DAG is paused.")
    default_args: dict[str, Any] = Field({}, description="What every task of this DAG starts from.")
    params: dict[str, Any] | None = Field(None, description="Parameters of a run, with their defaults.")
    tags: list[str] = Field([], description="Words to find the DAG by in Airflow's UI.")
    access_control: dict[str, Any] | None = Field(None, description="Role to permissions on this DAG.")
    template_searchpath: str | list[str] | None = Field(None, description="Absolute folders that hold templates.")
    render_template_as_native_obj: bool | None = Field(
        None, description="Whether templates give Python values in the place of text."
    )
    user_defined_macros: dict[str, Any] | None = Field(
        None, description="Names for templates; a text is the import path of a function."
    )
    default_view: str | None = Field(None, description="Without effect since Airflow 3.")
    orientation: str | None = Field(None, description="Without effect since Airflow 3.")
    doc_md: str | None = Field(None, description="The DAG's documentation, in Markdown.")
    doc_md_file_path: str | None = Field(None, description="Absolute path of a Markdown file with the documentation.")
    doc_md_python_callable_name: str | None = Field(None, description="Function that returns the documentation.")
    doc_md_python_callable_file: str | None = Field(None, description="Absolute path of that function's file.")
    doc_md_python_arguments: dict[str, Any] | None = Field(None, description="That function's arguments.")
    on_execute_callback: Callback = Field(None, description="Without effect on a DAG; write it under `default_args`.")
    on_execute_callback_name: str | None = Field(None, description="Without effect on a DAG.")
    on_execute_callback_file: str | None = Field(None, description="Without effect on a DAG.")
    on_success_callback: Callback = Field(None, description="Called when a run has succeeded.")
    on_success_callback_name: str | None = Field(None, description="Function to call when a run has succeeded.")
    on_success_callback_file: str | None = Field(None, description="Absolute path of that function's file.")
    on_failure_callback: Callback = Field(None, description="Called when a run has failed.")
    on_failure_callback_name: str | None = Field(None, description="Function to call when a run has failed.")
    on_failure_callback_file: str | None = Field(None, description="Absolute path of that function's file.")
    sla_miss_callback: Callback = Field(None, description="Without effect since Airflow 3.")
    sla_miss_callback_name: str | None = Field(None, description="Without effect since Airflow 3.")
    sla_miss_callback_file: str | None = Field(None, description="Without effect since Airflow 3.")
    alerts: dict[str, Any] = Field({}, description="Who is told of tasks that fail, are retried or succeed.")
    task_groups: dict[str, Any] | list[Any] | None = Field(None, description="Task groups by name, or as a list.")
    tasks: dict[str, Any] | list[Any] | None = Field(None, description="Tasks by task_id, or as a list.")


class Dag(Defaults):
    """One DAG: what defaults may hold too, and what it is made from."""

    template: str | None = Field(None, description="The template that it is made from: configs/templates/<name>.yaml.")
    with_: dict[str, Any] = Field({}, alias="with", description="What the template's parameters are here.")
    for_each: list[Any] | dict[str, Any] | None = Field(
        None, description="Items, or `{file: items.csv}`: one DAG is made for each, and `${{ item }}` stands for it."
    )
    environments: dict[str, Any] = Field({}, description="What it has otherwise in an environment, by its name.")
    tests: dict[str, Any] = Field({}, description="Pipeline tests by name: `mergeflow test` runs the DAG for each.")
