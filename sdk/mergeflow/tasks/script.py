"""The task type `script`."""

from typing import Any, ClassVar

from pydantic import Field

from mergeflow.tasks.task_type import TaskType


class Script(TaskType):
    """Run a shell or Python script of `dags/scripts/`.

    The script gets its arguments one by one: no shell reads them, so a space or a quote in a value means nothing. An
    exit code other than 0 fails the task, and what the script prints is the task's log. It runs in an empty folder that
    is removed afterwards; a `.sh` file by bash, a `.py` file by Airflow's Python. The environment is that of Airflow's
    worker, Airflow's `AIRFLOW_CTX_…` variables, and `env`. When the task is cancelled, so is all that the script has
    started. The last line of the output is the task's XCom.

    *Example*:

        orders:
          schedule: "@daily"
          tasks:
            load:
              type: script
              path: team/load.sh
              arguments: [--day, "{{ ds }}", --limit, 100]
              env: {COUNTRY: CH}
              retries: 2
        # dags/scripts/team/load.sh
        set -eu
        echo "loading $2 for $COUNTRY"
    """

    templates: ClassVar = ("arguments", "env")

    path: str = Field(description="The script, below `dags/scripts/`: `team/load.sh` or `team/load.py`.")
    arguments: list[str | int] = Field([], description="What the script gets as `$1`, `$2` and so on.")
    env: dict[str, str] = Field({}, description="Environment variables for the script.")

    def compile(self) -> dict[str, Any]:
        """A task of Mergeflow's ScriptOperator: Airflow's BashOperator takes only a text for a shell."""
        return {
            "operator": "mergeflow.airflow.operators.script.ScriptOperator",
            "path": self.path,
            "arguments": [str(each) for each in self.arguments],
            "env": self.env,
        }
