"""Mergeflow's Airflow plugin, loaded into every component: nothing that runs a DAG calls home.

It also imports what every parse and every task needs. The scheduler and the dag-processor fork for these, and a fork
has what was imported before: a task starts some 40 ms sooner.
"""

from airflow.plugins_manager import AirflowPlugin
from dagfactory import settings

import mergeflow.airflow.bundle
import mergeflow.airflow.loader  # noqa: F401 - see above

settings.enable_telemetry = False


class MergeflowPlugin(AirflowPlugin):
    """Turns dag-factory's telemetry off where its listener runs, whatever the deployment's settings say."""

    name = "mergeflow"
