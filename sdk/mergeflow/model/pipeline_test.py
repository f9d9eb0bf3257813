"""Pipeline tests: a DAG runs on throw-away databases, and what it must have done then."""

from typing import Any

from pydantic import Field

from mergeflow.model.base import AtLeastOne, ConfigModel, Moment


class PipelineTest(ConfigModel):
    """One test of a DAG, by its name below `tests`."""

    description: str | None = Field(None, description="What the test shows, in one line.")
    logical_date: Moment | None = Field(
        None, description="Of the first run; without it the DAG's `start_date`, or 2026-01-01."
    )
    runs: AtLeastOne = Field(1, description="How often the DAG runs, one interval of its schedule apart.")
    timeout: AtLeastOne = Field(
        120, description="Seconds after which the test has failed and all that it started is ended."
    )
    params: dict[str, Any] = Field({}, description="The configuration of the runs, over the DAG's `params`.")
    variables: dict[str, Any] = Field({}, description="Airflow's Variables; no others exist in the test.")
    connections: dict[str, Any] = Field(
        {},
        description="What each connection is in the test; no others exist. `sqlite`, `postgres`, `mysql`, `folder`, "
        "or a mapping with `conn_type`; of a list each, in a test of its own.",
    )
    given: dict[str, Any] = Field(
        {}, description="What is there before the run: by connection, the sample file of each table, or of each file."
    )
    expect: dict[str, Any] = Field({}, description="What must hold after the last run.")


class Expected(ConfigModel):
    """What must hold after the run; without a word, that it succeeded."""

    state: str = Field("success", description="The state of each run: `success` or `failed`.")
    tasks: dict[str, Any] = Field({}, description="States of tasks in the last run, by task_id.")
    data: list[Any] = Field([], description="What tables, queries and files must hold.")


class ExpectedData(ConfigModel):
    """One table, query or file, and what it must hold; a file must at least be there."""

    conn_id: str = Field(description="One of the test's `connections`.")
    table: str | None = Field(None, description="A table, `schema.table` where it is not in the default schema.")
    query: str | None = Field(None, description="A SELECT, in place of a table.")
    file: str | None = Field(None, description="A file's path in a connection that is a `folder`.")
    rows: int | list[int | None] | None = Field(
        None, description="How many rows: a number, or `[least, most]`, either of them null for no bound."
    )
    suite: str | None = Field(None, description="The expectation suite that must hold: `<team>/<suite>`.")
