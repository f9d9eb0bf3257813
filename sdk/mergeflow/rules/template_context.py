"""What Airflow 3.3.2 gives to a template, what Airflow 2 gave, and what Jinja has: held against the installed ones."""

from collections.abc import Mapping

CONTEXT = frozenset({
    "asset_state_store", "conn", "dag", "dag_run", "data_interval_end", "data_interval_start", "ds", "ds_nodash",
    "exception", "expanded_ti_count", "inlet_events", "inlets", "logical_date", "macros", "map_index_template",
    "outlet_events", "outlets", "params", "partition_date", "partition_key", "prev_data_interval_end_success",
    "prev_data_interval_start_success", "prev_end_date_success", "prev_start_date_success", "reason", "run_id", "task",
    "task_instance", "task_instance_key_str", "task_reschedule_count", "task_state_store", "templates_dict",
    "test_mode", "ti", "triggering_asset_events", "try_number", "ts", "ts_nodash", "ts_nodash_with_tz", "var",
})  # fmt: skip
"""The names that a template, or a function's parameter, gets from Airflow; some of them only at times."""

_PREVIOUS = "no variable has it now; for a daily schedule write `{{ macros.ds_add(ds, -1) }}`"
_NEXT = "write `{{ data_interval_end | ds }}` where the schedule has a data interval, else `{{ macros.ds_add(ds, 1) }}`"
REMOVED: Mapping[str, str] = {
    "conf": "write what it says, or give it as a param: no template reads Airflow's settings",
    "execution_date": "write `{{ logical_date }}`",
    "next_ds": _NEXT,
    "next_ds_nodash": "write `{{ data_interval_end | ds_nodash }}` where the schedule has a data interval",
    "next_execution_date": "write `{{ data_interval_end }}` where the schedule has a data interval",
    "prev_ds": _PREVIOUS,
    "prev_ds_nodash": _PREVIOUS,
    "prev_execution_date": _PREVIOUS,
    "prev_execution_date_success": "write `{{ prev_data_interval_start_success }}`",
    "tomorrow_ds": "write `{{ macros.ds_add(ds, 1) }}`",
    "tomorrow_ds_nodash": "write `{{ macros.ds_add(ds, 1) | replace('-', '') }}`",
    "triggering_dataset_events": "write `{{ triggering_asset_events }}`",
    "yesterday_ds": "write `{{ macros.ds_add(ds, -1) }}`",
    "yesterday_ds_nodash": "write `{{ macros.ds_add(ds, -1) | replace('-', '') }}`",
}
"""The variables that Airflow 2 had, and what to do instead."""

REMOVED_MEMBERS: Mapping[tuple[str, str], str] = {
    ("dag", "following_schedule"): "no template can ask for it now",
    ("dag", "previous_schedule"): "no template can ask for it now",
    ("dag_run", "execution_date"): "write `{{ dag_run.logical_date }}`",
    ("dag_run", "external_trigger"): "write `{{ dag_run.run_type == 'manual' }}`",
    ("task_instance", "execution_date"): "write `{{ logical_date }}`",
    ("task_instance", "get_dagrun"): "write `{{ dag_run }}`",
    ("ti", "execution_date"): "write `{{ logical_date }}`",
    ("ti", "get_dagrun"): "write `{{ dag_run }}`",
}
"""What a variable that is still there no longer has."""

GLOBALS = frozenset({"cycler", "dict", "joiner", "lipsum", "namespace", "range"})
"""What Jinja itself has."""

FILTERS = frozenset({
    "abs", "attr", "batch", "capitalize", "center", "count", "d", "default", "dictsort", "ds", "ds_nodash", "e",
    "escape", "filesizeformat", "first", "float", "forceescape", "format", "groupby", "indent", "int", "items", "join",
    "last", "length", "list", "lower", "map", "max", "min", "pprint", "random", "reject", "rejectattr", "replace",
    "reverse", "round", "safe", "select", "selectattr", "slice", "sort", "string", "striptags", "sum", "title",
    "tojson", "trim", "truncate", "ts", "ts_nodash", "ts_nodash_with_tz", "unique", "upper", "urlencode", "urlize",
    "wordcount", "wordwrap", "xmlattr",
})  # fmt: skip
"""Jinja's filters and Airflow's."""

_SQL = "airflow.providers.common.sql"
_STANDARD = "airflow.providers.standard"
EXTENSIONS: Mapping[str, tuple[str, ...]] = {
    f"{_SQL}.operators.generic_transfer.GenericTransfer": (".sql", ".hql"),
    f"{_SQL}.operators.sql.BranchSQLOperator": (".sql",),
    f"{_SQL}.operators.sql.SQLCheckOperator": (".hql", ".sql"),
    f"{_SQL}.operators.sql.SQLExecuteQueryOperator": (".sql", ".json"),
    f"{_SQL}.operators.sql.SQLInsertRowsOperator": (".sql",),
    f"{_SQL}.operators.sql.SQLIntervalCheckOperator": (".hql", ".sql"),
    f"{_SQL}.operators.sql.SQLThresholdCheckOperator": (".hql", ".sql"),
    f"{_SQL}.operators.sql.SQLValueCheckOperator": (".hql", ".sql"),
    f"{_SQL}.sensors.sql.SqlSensor": (".hql", ".sql"),
    "airflow.providers.smtp.operators.smtp.EmailOperator": (".html",),
    f"{_STANDARD}.operators.bash.BashOperator": (".sh", ".bash"),
    f"{_STANDARD}.operators.python.BranchPythonVirtualenvOperator": (".txt",),
    f"{_STANDARD}.operators.python.PythonVirtualenvOperator": (".txt",),
}
"""The ends by which these operators of Airflow 3.3.2 and its providers tell a file."""
