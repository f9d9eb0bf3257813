"""The task type `trigger`."""

from typing import Any, ClassVar

from pydantic import Field

from mergeflow.tasks.fields import Positive
from mergeflow.tasks.task_type import TaskType


class Trigger(TaskType):
    """Start a run of another DAG.

    Each run of this task's DAG starts one run of the other, whose id tells where it comes from: when the task is tried
    again, that run is started anew, and there is no second one. With `wait`, the task ends with that run, and fails
    with it.

    *Example*:

        orders:
          schedule: "@daily"
          tasks:
            load: {type: script, path: team/load.sh}
            refresh:
              type: trigger
              dag: reports
              conf: {day: "{{ ds }}"}
              wait: true
              dependencies: [load]
        reports:
          tasks:
            print: {type: script, path: team/load.sh}
        # dags/scripts/team/load.sh
        echo "loading"
    """

    templates: ClassVar = ("dag", "conf")
    only_with: ClassVar = {"every": "wait"}

    dag: str = Field(description="The DAG that is started.")
    conf: dict[str, Any] = Field({}, description="What its run gets as `dag_run.conf`, and for its `params`.")
    wait: bool = Field(default=False, description="Whether to wait for that run's end.")
    every: Positive = Field(60, description="Seconds between two looks at it.")

    def compile(self) -> dict[str, Any]:
        """A task of Airflow's TriggerDagRunOperator."""
        return {
            "operator": "airflow.providers.standard.operators.trigger_dagrun.TriggerDagRunOperator",
            "trigger_dag_id": self.dag,
            "trigger_run_id": "triggered_by__{{ dag.dag_id }}__{{ task.task_id }}__{{ run_id }}",
            "reset_dag_run": True,
            "conf": self.conf,
            "wait_for_completion": self.wait,
            "poke_interval": self.every,
        }
