"""Raises what is wrong in configs/, so that Airflow shows it; the DAGs that are right are loaded by the stubs."""

from mergeflow.airflow import raise_config_errors

raise_config_errors(globals())
