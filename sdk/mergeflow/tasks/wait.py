"""The task type `wait`."""

from datetime import time
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from mergeflow.tasks.fields import Positive, span
from mergeflow.tasks.task_type import TaskType

_SENSORS = "airflow.providers.standard.sensors"
_SHORT = 30  # seconds; a task that is put back for less can be queued again before Airflow has heard of its last look,
# and Airflow then takes it for killed and fails it


def _time_of_day(text: str) -> str:
    try:
        found = time.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None or found.microsecond:
        raise PydanticCustomError("form", "must be a time of day, such as `06:30`")
    return text


class Wait(TaskType):
    """Wait for another DAG or one of its tasks, for a file, for some seconds, or until a time of day.

    Another DAG is waited for by its run of the same logical date, which is what two DAGs of one schedule share; where
    the other one starts `earlier`, say by how much. When its run fails, so does the task. A file is looked for where
    Airflow's worker sees it, below the path of a connection; Airflow must have one, `fs_default` or another. While a
    task waits, it takes no worker's slot, unless it looks more often than every 30 seconds; seconds and times of day
    are counted by Airflow's triggerer. For an asset no task waits: that is the DAG's `schedule`.

    *Example*:

        orders:
          schedule: "@daily"
          tasks:
            load: {type: script, path: team/load.sh}
        report:
          schedule: "@daily"
          tasks:
            orders_are_there: {type: wait, dag: orders, task: load, timeout: 3600}
            rates_are_there: {type: wait, file: "/data/rates/{{ ds }}.csv", every: 30, timeout: 3600}
            office_hours: {type: wait, until: "08:00"}
            a_moment: {type: wait, seconds: 90, dependencies: [orders_are_there, rates_are_there]}
        # dags/scripts/team/load.sh
        echo "loading"
    """

    templates: ClassVar = ("dag", "task", "task_group", "file")
    one_of: ClassVar = ("dag", "file", "seconds", "until")
    only_with: ClassVar = {"task": "dag", "task_group": "dag", "earlier": "dag", "conn_id": "file"}

    dag: str = Field("", description="The DAG that is waited for.")
    task: str = Field("", description="A task of it; else all of its run is waited for.")
    task_group: str = Field("", description="Or a task group of it.")
    earlier: Positive = Field(0, description="By how many seconds its logical date is before this DAG's.")
    file: str = Field("", description="The path of a file or folder; `*` stands for any characters.")
    conn_id: str = Field("fs_default", description="The Airflow connection, of the type `fs`, that the path is below.")
    seconds: Positive = Field(0, description="How long to wait from the task's start on.")
    until: Annotated[str, AfterValidator(_time_of_day)] = Field(
        "", description="A time of day in the DAG's time zone, in quotes; what has passed is not waited for."
    )
    every: Positive = Field(
        60, description="Seconds between two looks at a DAG or a file; below 30 the task keeps its worker's slot."
    )
    timeout: Positive = Field(86400, description="Seconds after which a DAG or a file is no longer waited for.")

    def compile(self) -> dict[str, Any]:
        """A task of one of Airflow's sensors."""
        if self.seconds:
            moment = {"time_to_wait": span(self.seconds), "deferrable": True}
            return {"operator": f"{_SENSORS}.time_delta.WaitSensor", **moment}
        if self.until:
            at = time.fromisoformat(self.until)
            built = {"__type__": "datetime.time", "hour": at.hour, "minute": at.minute, "second": at.second}
            return {"operator": f"{_SENSORS}.time.TimeSensor", "target_time": built, "deferrable": True}
        mode = "reschedule" if self.every >= _SHORT else "poke"
        looks = {"mode": mode, "poke_interval": self.every, "timeout": self.timeout}
        if self.file:
            own = {"filepath": self.file, "fs_conn_id": self.conn_id}
            return {"operator": f"{_SENSORS}.filesystem.FileSensor", **own, **looks}
        part = {"external_task_id": self.task, "external_task_group_id": self.task_group}
        return {
            "operator": f"{_SENSORS}.external_task.ExternalTaskSensor",
            "external_dag_id": self.dag,
            **{key: name for key, name in part.items() if name},
            **({"execution_delta": span(self.earlier)} if self.earlier else {}),
            "failed_states": ["failed", "upstream_failed"] if self.task or self.task_group else ["failed"],
            **looks,
        }
