"""The task type `expectations`."""

from typing import Any, ClassVar

from pydantic import Field

from mergeflow.tasks.fields import choice
from mergeflow.tasks.task_type import TaskType


class Expectations(TaskType):
    """Hold data against an expectation suite, and stop what waits for it when the data is not as it should be.

    The data is a table or a query of a database, which does the work; a file; or the rows that another task returned.
    Of a table with a column of moments, `window` is the part that belongs to the run: `{column: at, hours: 1}` is the
    hour before the run was due; `days` and `minutes` reach back likewise, and a row of the very moment belongs to the
    next run. Without one of these it is the run's data interval, which runs by cron do not have.

    `on_failure` says what becomes of data that breaks what is critical: `fail` stops the task, `warn` goes on, and
    `skip_downstream` skips whatever waits for it, and updates no asset. What breaks is in the task's report, and is
    sent as the DAG's `alerts` say, also where nothing fails.

    *Example*:

        orders:
          schedule: "@hourly"
          tasks:
            load: {type: script, path: team/load.sh}
            check:
              type: expectations
              suite: team/orders
              conn_id: orders_db
              table: orders
              window: {column: ordered_at, hours: 1}
              dependencies: [load]
            report: {type: script, path: team/load.sh, dependencies: [check]}
        # dags/scripts/team/load.sh
        echo "loading"
        # validators/expectations/team/orders.yaml
        expectations:
          - {expectation: expect_column_values_to_not_be_null, column: id}
          - {expectation: expect_table_row_count_to_be_between, max_value: 100000, severity: warning}
    """

    templates: ClassVar = ("conn_id", "table", "query", "file")
    one_of: ClassVar = ("table", "query", "file", "task")
    only_with: ClassVar = {"table": "conn_id", "query": "conn_id", "window": "table"}

    suite: str = Field(description="The suite `team/name`, which is `validators/expectations/team/name.yaml`.")
    conn_id: str = Field("", description="The Airflow connection of the database.")
    table: str = Field("", description="A table or view of it, `name` or `schema.name`.")
    query: str = Field("", description="Or a SELECT.")
    file: str = Field("", description="Or a file: .csv, .jsonl or .parquet, relative to the repository.")
    task: str = Field("", description="Or a task that this one waits for, and that returns rows.")
    window: dict[str, Any] | None = Field(
        None, description="Of a table, the rows of the run: `{column: ordered_at, hours: 1}`."
    )
    on_failure: str = choice(
        "fail", "fail", "warn", "skip_downstream", description="What becomes of data that breaks what is critical."
    )

    def compile(self) -> dict[str, Any]:
        """A task of Mergeflow's ExpectationsOperator."""
        given = {"conn_id": self.conn_id, "table": self.table, "query": self.query, "file": self.file}
        own = {**given, "rows_of": self.task, "window": self.window}
        return {
            "operator": "mergeflow.airflow.operators.expectations.ExpectationsOperator",
            "suite": self.suite,
            **{key: value for key, value in own.items() if value},
            **({"on_failure": self.on_failure} if self.on_failure != "fail" else {}),
        }
