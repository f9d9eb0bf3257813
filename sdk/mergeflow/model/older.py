"""Keys that older releases of Airflow and dag-factory read, and what has become of them."""

from collections.abc import Mapping

_RENAMED = {
    "dag_concurrency": "max_active_tasks",
    "schedule_interval": "schedule",
    "task_concurrency": "max_active_tis_per_dag",
    "timetable": "schedule",
    "xcom_push": "do_xcom_push",
}
_SPANS = ("dagrun_timeout", "execution_delta", "execution_timeout", "max_retry_delay", "retry_delay", "sla")
"""What dag-factory took as a number of seconds before 1.0, under a name with an ending."""

OLDER: Mapping[str, str] = {
    **{old: f"it is called `{new}` now" for old, new in _RENAMED.items()},
    **{
        f"{span}_{ending}": f"write `{span}: {{__type__: datetime.timedelta, seconds: 90}}`"
        for span in _SPANS
        for ending in ("sec", "secs", "seconds")
    },
    "provide_context": "remove it: Airflow 2 and later always give the context",
}
"""What to do about each."""
