"""A task: what dag-factory and every Airflow operator take; an operator's own parameters come from the catalog."""

from typing import Any

from pydantic import ConfigDict, Field

from mergeflow.model.base import AtLeastOne, AtLeastZero, Callback, ConfigModel, Duration, Moment, Name, Number, Seconds


class OperatorArgs(ConfigModel):
    """What Airflow's BaseOperator takes, in a task or in `default_args`; other keys are the operator's own."""

    model_config = ConfigDict(extra="allow")

    owner: Name | None = None
    email: str | list[str] | None = None
    email_on_retry: bool | None = None
    email_on_failure: bool | None = None
    retries: AtLeastZero | None = None
    retry_delay: Seconds = None
    retry_exponential_backoff: bool | int | float | None = None
    max_retry_delay: Seconds = None
    start_date: Moment | None = None
    end_date: Moment | None = None
    depends_on_past: bool | None = None
    ignore_first_depends_on_past: bool | None = None
    wait_for_past_depends_before_skipping: bool | None = None
    wait_for_downstream: bool | None = None
    params: dict[str, Any] | None = None
    priority_weight: Number | None = None
    weight_rule: str | None = None
    queue: str | None = None
    pool: str | None = None
    pool_slots: AtLeastOne | None = None
    execution_timeout: Duration = None
    on_execute_callback: Callback = None
    on_failure_callback: Callback = None
    on_success_callback: Callback = None
    on_retry_callback: Callback = None
    on_skipped_callback: Callback = None
    trigger_rule: str | None = None
    resources: dict[str, Any] | None = None
    run_as_user: str | None = None
    map_index_template: str | None = None
    max_active_tis_per_dag: AtLeastOne | None = None
    max_active_tis_per_dagrun: AtLeastOne | None = None
    executor: str | None = None
    executor_config: dict[str, Any] | None = None
    do_xcom_push: bool | None = None
    multiple_outputs: bool | None = None
    doc: str | None = None
    doc_md: str | None = None
    doc_json: str | None = None
    doc_yaml: str | None = None
    doc_rst: str | None = None
    task_display_name: str | None = None
    logger_name: str | None = None


class DefaultArgs(OperatorArgs):
    """`default_args`: what every task of a DAG starts from."""

    timezone: str | None = None


class Task(OperatorArgs):
    """One task of a DAG: an operator or a decorator, and what it is given."""

    task_id: str | None = None
    operator: str | None = None
    decorator: str | None = None
    dependencies: list[str] = Field(default_factory=list)
    task_group_name: str | None = None
    python_callable_name: str | None = None
    python_callable_file: str | None = None
    expand: dict[str, Any] | None = None
    partial: dict[str, Any] | None = None
    variables_as_arguments: list[dict[str, str]] | None = None
    inlets: list[Any] | dict[str, Any] | None = None
    outlets: list[Any] | dict[str, Any] | None = None
