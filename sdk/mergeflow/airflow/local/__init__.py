"""An Airflow of one's own: on SQLite, on this machine, following a branch, gone without a trace when stopped."""
