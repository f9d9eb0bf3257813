"""The task type `kpi`."""

from typing import Any

from pydantic import Field

from mergeflow.tasks.fields import Positive
from mergeflow.tasks.task_type import TaskType


class Kpi(TaskType):
    """Draw a number, have the simulators' site calculate a KPI of it, and keep the result there.

    The number is a whole one from 1 to 100. The site keeps one result for each simulator and run: a retry draws the
    same number, and stores nothing twice. A site that is down fails the task, which `retries` mends; a KPI or a
    simulator that the site does not have fails it at once. The stored row is the task's XCom. The template
    `kpi-simulator` makes whole DAGs of it.

    *Example*:

        simulator_1:
          schedule: "@hourly"
          tasks:
            run: {type: kpi, kpi: 1, simulator: 1, conn_id: kpi_site, retries: 1}
    """

    kpi: Positive = Field(description="The KPI's number at the site.")
    simulator: Positive = Field(description="The simulator's number there.")
    conn_id: str = Field(description="The Airflow connection of the site, of the type `http`; its password is a token.")

    def compile(self) -> dict[str, Any]:
        """A task of Mergeflow's KpiOperator."""
        return {
            "operator": "mergeflow.airflow.operators.kpi.KpiOperator",
            "kpi": self.kpi,
            "simulator": self.simulator,
            "http_conn_id": self.conn_id,
        }
