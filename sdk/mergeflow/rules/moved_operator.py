"""An operator or decorator is imported from where it was in Airflow 2.

*Why*: Airflow 3 still finds it there, says on every parse that it is deprecated, and will stop finding it.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.operators.empty.EmptyOperator}

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Severity
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "moved-operator"
SEVERITY = Severity.WARNING

_STANDARD = "airflow.providers.standard"
MOVED = {
    "airflow.decorators.setup": "airflow.sdk.setup",
    "airflow.decorators.task": "airflow.sdk.task",
    "airflow.decorators.teardown": "airflow.sdk.teardown",
    "airflow.models.baseoperator.BaseOperator": "airflow.sdk.BaseOperator",
    "airflow.operators.bash.BashOperator": f"{_STANDARD}.operators.bash.BashOperator",
    "airflow.operators.branch.BaseBranchOperator": "airflow.sdk.bases.branch.BaseBranchOperator",
    "airflow.operators.datetime.BranchDateTimeOperator": f"{_STANDARD}.operators.datetime.BranchDateTimeOperator",
    "airflow.operators.email.EmailOperator": "airflow.providers.smtp.operators.smtp.EmailOperator",
    "airflow.operators.empty.EmptyOperator": f"{_STANDARD}.operators.empty.EmptyOperator",
    "airflow.operators.generic_transfer.GenericTransfer": (
        "airflow.providers.common.sql.operators.generic_transfer.GenericTransfer"
    ),
    "airflow.operators.latest_only.LatestOnlyOperator": f"{_STANDARD}.operators.latest_only.LatestOnlyOperator",
    **{
        f"airflow.operators.python.{name}": f"{_STANDARD}.operators.python.{name}"
        for name in (
            "BranchExternalPythonOperator",
            "BranchPythonOperator",
            "BranchPythonVirtualenvOperator",
            "ExternalPythonOperator",
            "PythonOperator",
            "PythonVirtualenvOperator",
            "ShortCircuitOperator",
        )
    },
    "airflow.operators.smooth.SmoothOperator": f"{_STANDARD}.operators.smooth.SmoothOperator",
    "airflow.operators.trigger_dagrun.TriggerDagRunOperator": (
        f"{_STANDARD}.operators.trigger_dagrun.TriggerDagRunOperator"
    ),
    "airflow.operators.weekday.BranchDayOfWeekOperator": f"{_STANDARD}.operators.weekday.BranchDayOfWeekOperator",
    "airflow.sensors.base.BaseSensorOperator": "airflow.sdk.bases.sensor.BaseSensorOperator",
    "airflow.sensors.bash.BashSensor": f"{_STANDARD}.sensors.bash.BashSensor",
    "airflow.sensors.date_time.DateTimeSensor": f"{_STANDARD}.sensors.date_time.DateTimeSensor",
    "airflow.sensors.date_time.DateTimeSensorAsync": f"{_STANDARD}.sensors.date_time.DateTimeSensorAsync",
    "airflow.sensors.external_task.ExternalTaskMarker": f"{_STANDARD}.sensors.external_task.ExternalTaskMarker",
    "airflow.sensors.external_task.ExternalTaskSensor": f"{_STANDARD}.sensors.external_task.ExternalTaskSensor",
    "airflow.sensors.filesystem.FileSensor": f"{_STANDARD}.sensors.filesystem.FileSensor",
    "airflow.sensors.python.PythonSensor": f"{_STANDARD}.sensors.python.PythonSensor",
    "airflow.sensors.time_delta.TimeDeltaSensor": f"{_STANDARD}.sensors.time_delta.TimeDeltaSensor",
    "airflow.sensors.time_delta.TimeDeltaSensorAsync": f"{_STANDARD}.sensors.time_delta.TimeDeltaSensorAsync",
    "airflow.sensors.time_sensor.TimeSensor": f"{_STANDARD}.sensors.time.TimeSensor",
    "airflow.sensors.time_sensor.TimeSensorAsync": f"{_STANDARD}.sensors.time.TimeSensorAsync",
    "airflow.sensors.weekday.DayOfWeekSensor": f"{_STANDARD}.sensors.weekday.DayOfWeekSensor",
}
"""Import paths that Airflow 3.3.2 redirects, and where they lead."""


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each `operator` and `decorator` that Airflow redirects."""
    del known
    for dag in project.dags:
        for task in dag.tasks.values():
            for key in ("operator", "decorator"):
                path = task.config.get(key)
                if isinstance(path, str) and path in MOVED:
                    message = f"`{path}` is where Airflow 2 had it, and deprecated"
                    yield Problem(ID, message, dag.place(*task.route, key), f"write `{MOVED[path]}`")
