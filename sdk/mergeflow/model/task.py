"""A task: what dag-factory and every Airflow operator take; an operator's own parameters come from the catalog."""

from typing import Any

from pydantic import ConfigDict, Field

from mergeflow.model.base import (
    Assets,
    AtLeastOne,
    AtLeastZero,
    Built,
    Callback,
    ConfigModel,
    Duration,
    Instant,
    Moment,
    Name,
    Number,
    Seconds,
)


class OperatorArgs(ConfigModel):
    """What Airflow's BaseOperator takes, in a task or in `default_args`; other keys are the operator's own."""

    model_config = ConfigDict(extra="allow")

    owner: Name = Field("airflow", description="Who is responsible.")
    email: str | list[str] | None = Field(None, description="Whom to mail; a notifier is the newer way.")
    email_on_retry: bool | None = Field(None, description="Whether a retry is mailed.")
    email_on_failure: bool | None = Field(None, description="Whether a failure is mailed.")
    retries: AtLeastZero | None = Field(None, description="How often a failed task is tried again.")
    retry_delay: Seconds = Field(None, description="How long to wait before: seconds, or a `datetime.timedelta`.")
    retry_exponential_backoff: bool | int | float | None = Field(None, description="Whether the wait grows each time.")
    max_retry_delay: Seconds = Field(None, description="The longest wait: seconds, or a `datetime.timedelta`.")
    retry_policy: Built = Field(None, description="An object by `__type__` that decides on retries.")
    depends_on_past: bool | None = Field(None, description="Whether the task waits for its own previous run.")
    ignore_first_depends_on_past: bool | None = Field(None, description="Whether the first run need not wait.")
    wait_for_past_depends_before_skipping: bool | None = Field(None, description="Whether a skip waits as well.")
    wait_for_downstream: bool | None = Field(None, description="Whether it waits for what followed it last time.")
    priority_weight: Number = Field(1, description="Which task goes first where slots are scarce.")
    weight_rule: str | None = Field(None, description="How weights add up: `downstream`, `upstream` or `absolute`.")
    queue: str | None = Field(None, description="The executor's queue.")
    pool: str | None = Field(None, description="The pool whose slots the task takes.")
    pool_slots: AtLeastOne = Field(1, description="How many slots of the pool it takes.")
    sla: Duration = Field(None, description="Without effect since Airflow 3.")
    execution_timeout: Duration = Field(None, description="How long the task may take: a `datetime.timedelta`.")
    on_execute_callback: Callback = Field(None, description="Called before the task runs.")
    on_execute_callback_name: str | None = Field(None, description="Function to call before the task runs.")
    on_execute_callback_file: str | None = Field(None, description="Absolute path of that function's file.")
    on_failure_callback: Callback = Field(None, description="Called when the task has failed.")
    on_failure_callback_name: str | None = Field(None, description="Function to call when the task has failed.")
    on_failure_callback_file: str | None = Field(None, description="Absolute path of that function's file.")
    on_success_callback: Callback = Field(None, description="Called when the task has succeeded.")
    on_success_callback_name: str | None = Field(None, description="Function to call when the task has succeeded.")
    on_success_callback_file: str | None = Field(None, description="Absolute path of that function's file.")
    on_retry_callback: Callback = Field(None, description="Called when the task is to be tried again.")
    on_retry_callback_name: str | None = Field(None, description="Function to call before a retry.")
    on_retry_callback_file: str | None = Field(None, description="Absolute path of that function's file.")
    on_skipped_callback: Callback = Field(None, description="Called when the task has skipped itself.")
    on_skipped_callback_name: str | None = Field(None, description="Function to call when the task was skipped.")
    on_skipped_callback_file: str | None = Field(None, description="Absolute path of that function's file.")
    pre_execute: Built = Field(None, description="A function by `__type__` that runs before the operator.")
    post_execute: Built = Field(None, description="A function by `__type__` that runs after the operator.")
    trigger_rule: str = Field("all_success", description="How those before must have ended for the task to run.")
    resources: dict[str, Any] | None = Field(None, description="What the task needs: `cpus`, `ram`, `disk`, `gpus`.")
    run_as_user: str | None = Field(None, description="The Unix user that the task runs as.")
    map_index_template: str | None = Field(None, description="The template for the names of mapped tasks.")
    max_active_tis_per_dag: AtLeastOne | None = Field(None, description="How many of it go on at once, over all runs.")
    max_active_tis_per_dagrun: AtLeastOne | None = Field(None, description="How many of it go on at once, in one run.")
    executor: str | None = Field(None, description="The executor, where Airflow has several.")
    executor_config: dict[str, Any] | None = Field(None, description="What the executor is told about this task.")
    do_xcom_push: bool | None = Field(None, description="Whether the result is kept for other tasks.")
    multiple_outputs: bool | None = Field(None, description="Whether each key of the result is kept on its own.")
    inlets: Assets = Field(None, description="The assets that the task reads.")
    outlets: Assets = Field(None, description="The assets that the task updates.")
    doc: str | None = Field(None, description="The task's documentation.")
    doc_md: str | None = Field(None, description="The task's documentation, in Markdown.")
    doc_json: str | None = Field(None, description="The task's documentation, in JSON.")
    doc_yaml: str | None = Field(None, description="The task's documentation, in YAML.")
    doc_rst: str | None = Field(None, description="The task's documentation, in reStructuredText.")
    task_display_name: str | None = Field(None, description="The name that Airflow's UI shows.")
    logger_name: str | None = Field(None, description="The logger that the operator writes to.")
    allow_nested_operators: bool | None = Field(None, description="Whether it may run another operator inside.")
    render_template_as_native_obj: bool | None = Field(
        None, description="Whether templates give Python values in the place of text."
    )


class TaskArgs(OperatorArgs):
    """What stands nearer to a task than `default_args`, where dag-factory makes a date of a text."""

    start_date: Instant = Field(None, description="From when the task runs: a date with a time.")
    end_date: Instant = Field(None, description="Until when the task runs: a date with a time.")
    params: dict[str, Any] | None = Field(None, description="Parameters for the task's templates.")


class GroupArgs(TaskArgs):
    """`default_args` of a task group: what every task of the group starts from."""


class DefaultArgs(OperatorArgs):
    """`default_args`: what every task of a DAG starts from."""

    start_date: Moment | None = Field(None, description="From when the tasks run: a date, or `2 days` for days ago.")
    end_date: Moment | None = Field(None, description="Until when the tasks run.")
    params: dict[str, Any] = Field({}, description="Parameters for the tasks' templates.")
    timezone: str = Field("UTC", description="The time zone of the two dates beside it.")


class Task(TaskArgs):
    """One task of a DAG: an operator or a decorator, and what it is given."""

    task_id: str | None = Field(None, description="The task's name, in the list form.")
    operator: str | None = Field(None, description="Import path of an operator or sensor.")
    decorator: str | None = Field(None, description="Import path of a TaskFlow decorator.")
    dependencies: list[str] = Field([], description="Tasks and groups that come before.")
    task_group_name: str | None = Field(None, description="The group that the task is in.")
    python_callable_name: str | None = Field(None, description="Function that the task calls.")
    python_callable_file: str | None = Field(None, description="Absolute path of that function's file.")
    expand: dict[str, Any] = Field({}, description="Parameters with a list of values, or a task that returns one.")
    partial: dict[str, Any] = Field({}, description="Parameters that are the same for every mapped task.")
    variables_as_arguments: list[dict[str, str]] = Field(
        [], description="Airflow Variables as parameters: `variable` and the `attribute` that gets its value."
    )
