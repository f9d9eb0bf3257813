"""An operator is imported from where Airflow 1 or 2 had it, and is no longer there.

*Why*: dag-factory fails to import it, and none of the DAG appears.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.operators.dummy_operator.DummyOperator}

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Severity
from mergeflow.model import nearest
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "removed-operator"
SEVERITY = Severity.ERROR

_STANDARD = "airflow.providers.standard"
_SQL = "airflow.providers.common.sql"
_EMPTY = f"{_STANDARD}.operators.empty.EmptyOperator"
_EXECUTE = f"{_SQL}.operators.sql.SQLExecuteQueryOperator"
REMOVED = {
    "airflow.contrib.operators.branch_datetime.BranchDateTimeOperator": (
        f"{_STANDARD}.operators.datetime.BranchDateTimeOperator"
    ),
    "airflow.contrib.sensors.file_sensor.FileSensor": f"{_STANDARD}.sensors.filesystem.FileSensor",
    "airflow.contrib.sensors.python_sensor.PythonSensor": f"{_STANDARD}.sensors.python.PythonSensor",
    "airflow.contrib.sensors.weekday_sensor.DayOfWeekSensor": f"{_STANDARD}.sensors.weekday.DayOfWeekSensor",
    "airflow.operators.bash_operator.BashOperator": f"{_STANDARD}.operators.bash.BashOperator",
    "airflow.operators.branch_operator.BaseBranchOperator": "airflow.sdk.bases.branch.BaseBranchOperator",
    "airflow.operators.dagrun_operator.TriggerDagRunOperator": (
        f"{_STANDARD}.operators.trigger_dagrun.TriggerDagRunOperator"
    ),
    "airflow.operators.dummy.DummyOperator": _EMPTY,
    "airflow.operators.dummy_operator.DummyOperator": _EMPTY,
    "airflow.operators.email_operator.EmailOperator": "airflow.providers.smtp.operators.smtp.EmailOperator",
    "airflow.operators.latest_only_operator.LatestOnlyOperator": (
        f"{_STANDARD}.operators.latest_only.LatestOnlyOperator"
    ),
    "airflow.operators.postgres_operator.PostgresOperator": _EXECUTE,
    "airflow.operators.python_operator.BranchPythonOperator": f"{_STANDARD}.operators.python.BranchPythonOperator",
    "airflow.operators.python_operator.PythonOperator": f"{_STANDARD}.operators.python.PythonOperator",
    "airflow.operators.python_operator.PythonVirtualenvOperator": (
        f"{_STANDARD}.operators.python.PythonVirtualenvOperator"
    ),
    "airflow.operators.python_operator.ShortCircuitOperator": f"{_STANDARD}.operators.python.ShortCircuitOperator",
    **{
        f"airflow.operators.sql.{old}": f"{_SQL}.operators.sql.{new}"
        for old, new in {
            "BaseSQLOperator": "BaseSQLOperator",
            "BranchSQLOperator": "BranchSQLOperator",
            "SQLCheckOperator": "SQLCheckOperator",
            "SQLColumnCheckOperator": "SQLColumnCheckOperator",
            "SQLIntervalCheckOperator": "SQLIntervalCheckOperator",
            "SQLTableCheckOperator": "SQLTableCheckOperator",
            "SQLThresholdCheckOperator": "SQLThresholdCheckOperator",
            "SQLValueCheckOperator": "SQLValueCheckOperator",
        }.items()
    },
    "airflow.operators.subdag.SubDagOperator": "",
    "airflow.operators.subdag_operator.SubDagOperator": "",
    "airflow.providers.postgres.operators.postgres.PostgresOperator": _EXECUTE,
    "airflow.sensors.base_sensor_operator.BaseSensorOperator": "airflow.sdk.bases.sensor.BaseSensorOperator",
    "airflow.sensors.date_time_sensor.DateTimeSensor": f"{_STANDARD}.sensors.date_time.DateTimeSensor",
    "airflow.sensors.external_task_sensor.ExternalTaskMarker": f"{_STANDARD}.sensors.external_task.ExternalTaskMarker",
    "airflow.sensors.external_task_sensor.ExternalTaskSensor": f"{_STANDARD}.sensors.external_task.ExternalTaskSensor",
    "airflow.sensors.sql.SqlSensor": f"{_SQL}.sensors.sql.SqlSensor",
    "airflow.sensors.sql_sensor.SqlSensor": f"{_SQL}.sensors.sql.SqlSensor",
    "airflow.sensors.time_delta_sensor.TimeDeltaSensor": f"{_STANDARD}.sensors.time_delta.TimeDeltaSensor",
    "airflow.sensors.weekday_sensor.DayOfWeekSensor": f"{_STANDARD}.sensors.weekday.DayOfWeekSensor",
}
"""Import paths of Airflow 1 and 2 that Airflow 3.3.2 does not have, and what serves instead; nothing for a SubDAG."""


_OLD = ("airflow.contrib.", "airflow.operators.", "airflow.sensors.")
"""Packages of Airflow 1 and 2: in the second and third, Airflow 3 redirects some paths, and has nothing of its own."""


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each `operator` that is gone from its old place."""
    for dag in project.dags:
        for task in dag.tasks.values():
            path = task.config.get("operator")
            if isinstance(path, str) and (path in REMOVED or _is_gone(path, known)):
                message = f"there is no `{path}` in Airflow 3"
                yield Problem(ID, message, dag.place(*task.route, "operator"), _hint(path, known))


def _is_gone(path: str, known: Known) -> bool:
    return path.startswith(_OLD) and bool(known.catalog) and not known.catalog.moved(path) and "{{" not in path


def _hint(path: str, known: Known) -> str:
    if path in REMOVED:
        return f"write `{REMOVED[path]}`" if REMOVED[path] else "use a task group, which replaced SubDAGs"
    name = path.rpartition(".")[2]
    found = known.catalog.resolve(name)
    if len(found) == 1:
        return f"write `{found[0]}`"
    by_name = {each.rpartition(".")[2]: each for each in known.catalog.names("operators")}
    near = nearest(name, by_name)
    return f"did you mean `{by_name[near]}`?" if near else "write its provider's path, `airflow.providers.…`"
