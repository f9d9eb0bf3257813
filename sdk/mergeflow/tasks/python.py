"""The task type `python`."""

from typing import Any, ClassVar

from pydantic import Field

from mergeflow.tasks.task_type import TaskType


class Python(TaskType):
    """Call a function of `dags/callables/`.

    The arguments are held against the function's parameters, names and types, before the merge. What has the name of
    a template variable (`ds`, `ti`, `params` and so on) is given by Airflow. What the function returns is the task's
    XCom.

    *Example*:

        orders:
          schedule: "@daily"
          tasks:
            extract:
              type: python
              callable: callables.team.extract_orders
              arguments: {country: CH, day: "{{ ds }}", limit: 100}
        # dags/callables/team.py
        def extract_orders(country: str, day: str, limit: int = 10) -> int:
            print(f"extracting {limit} orders of {country} for {day}")
            return limit
    """

    templates: ClassVar = ("arguments",)

    callable: str = Field(description="Import path of the function: `callables.team.extract`.")
    arguments: dict[str, Any] = Field({}, description="The function's arguments, by name.")

    def compile(self) -> dict[str, Any]:
        """A task of Airflow's PythonOperator."""
        return {
            "operator": "airflow.providers.standard.operators.python.PythonOperator",
            "python_callable": self.callable,
            "op_kwargs": self.arguments,
        }
