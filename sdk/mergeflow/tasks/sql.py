"""The task type `sql`."""

from typing import Any, ClassVar

from pydantic import Field

from mergeflow.tasks.task_type import TaskType

_READ_AS_FILES = (".sql", ".json")
"""By these ends the operator takes a text for a file's name."""


class Sql(TaskType):
    """Run SQL on a named connection.

    Values belong into `parameters`, where the database's driver keeps them apart from the statement. All statements are
    one transaction where the database has such: when one fails, none has happened. Write statements that may run twice
    (`DELETE` of the day, then `INSERT`): a task that failed is tried again. The rows of the last statement are the
    task's XCom; `do_xcom_push: false` leaves them where they are.

    *Example*:

        orders:
          schedule: "@daily"
          tasks:
            clear:
              type: sql
              conn_id: orders_db
              sql: DELETE FROM daily_orders WHERE day = %(day)s
              parameters: {day: "{{ ds }}"}
            load:
              type: sql
              conn_id: orders_db
              file: team/daily_orders.sql
              dependencies: [clear]
        # dags/scripts/team/daily_orders.sql
        INSERT INTO daily_orders SELECT day, count(*) FROM orders WHERE day = '{{ ds }}' GROUP BY day;
    """

    templates: ClassVar = ("conn_id", "parameters", "sql")
    one_of: ClassVar = ("sql", "file")

    conn_id: str = Field(description="The Airflow connection of the database.")
    sql: str = Field("", description="One statement or several, ended by semicolons.")
    file: str = Field("", description="Or a file below `dags/scripts/` with them: `team/load.sql`.")
    parameters: dict[str, Any] | list[Any] | None = Field(
        None, description="Values for the statements, by name or by position, in the way of the database's driver."
    )
    split: bool = Field(
        default=True, description="Whether statements are run one by one; off for the body of a procedure."
    )

    def compile(self) -> dict[str, Any]:
        """A task of SQLExecuteQueryOperator, which serves every database that a provider has a hook for."""
        own = {"parameters": self.parameters} if self.parameters is not None else {}
        return {
            "operator": "airflow.providers.common.sql.operators.sql.SQLExecuteQueryOperator",
            "conn_id": self.conn_id,
            "sql": f"scripts/{self.file}" if self.file else _no_file(self.sql),
            "split_statements": self.split,
            **own,
        }


def _no_file(sql: str) -> str:
    return f"{sql}\n" if sql.endswith(_READ_AS_FILES) else sql
