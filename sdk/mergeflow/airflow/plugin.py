"""Mergeflow's Airflow plugin, loaded into every component: nothing that runs a DAG calls home."""

from airflow.plugins_manager import AirflowPlugin
from dagfactory import settings

settings.enable_telemetry = False


class MergeflowPlugin(AirflowPlugin):
    """Turns dag-factory's telemetry off where its listener runs, whatever the deployment's settings say."""

    name = "mergeflow"
