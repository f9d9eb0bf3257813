"""Shows what is wrong in configs/ among Airflow's import errors; the DAGs that are right are loaded by the stubs.

Airflow only reads files that hold the words "airflow" and "dag": keep them here.
"""

from mergeflow.airflow import raise_config_errors

raise_config_errors(globals())
