"""A DAG, and the defaults that DAGs start from."""

from typing import Any

from pydantic import Field

from mergeflow.model.base import AtLeastOne, Callback, ConfigModel, Duration, Moment, Name


class Dag(ConfigModel):
    """One DAG: the keys that dag-factory reads. Any other key it would pass over in silence."""

    description: str | None = None
    dag_display_name: Name | None = None
    schedule: str | dict[str, Any] | list[Any] | None = None
    start_date: Moment | None = None
    end_date: Moment | None = None
    timezone: str | None = None
    catchup: bool | None = None
    max_active_runs: AtLeastOne | None = None
    max_active_tasks: AtLeastOne | None = None
    concurrency: AtLeastOne | None = None
    dagrun_timeout: Duration = None
    is_paused_upon_creation: bool | None = None
    default_args: dict[str, Any] = Field(default_factory=dict)
    params: dict[str, Any] | None = None
    tags: list[str] = Field(default_factory=list)
    access_control: dict[str, Any] | None = None
    template_searchpath: str | list[str] | None = None
    render_template_as_native_obj: bool | None = None
    user_defined_macros: dict[str, Any] | None = None
    default_view: str | None = None
    orientation: str | None = None
    doc_md: str | None = None
    doc_md_file_path: str | None = None
    doc_md_python_callable_name: str | None = None
    doc_md_python_callable_file: str | None = None
    doc_md_python_arguments: dict[str, Any] | None = None
    on_execute_callback: Callback = None
    on_execute_callback_name: str | None = None
    on_execute_callback_file: str | None = None
    on_success_callback: Callback = None
    on_success_callback_name: str | None = None
    on_success_callback_file: str | None = None
    on_failure_callback: Callback = None
    on_failure_callback_name: str | None = None
    on_failure_callback_file: str | None = None
    sla_miss_callback: Callback = None
    sla_miss_callback_name: str | None = None
    sla_miss_callback_file: str | None = None
    task_groups: dict[str, Any] | list[Any] | None = None
    tasks: dict[str, Any] | list[Any] | None = None


class Defaults(Dag):
    """A `default` block or a `defaults.yml`: anything that a DAG may hold."""
