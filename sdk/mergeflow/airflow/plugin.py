"""Mergeflow's Airflow plugin, loaded into every component: nothing that runs a DAG calls home.

It also imports what every parse and every task needs. The scheduler and the dag-processor fork for these, and a fork
has what was imported before: a task starts some 40 ms sooner.
"""

from typing import Any
from urllib.parse import urlsplit

from airflow.plugins_manager import AirflowPlugin
from dagfactory import settings

import mergeflow.airflow.bundle
import mergeflow.airflow.loader  # noqa: F401 - see above
from mergeflow.airflow.report_link import QualityReport
from mergeflow.airflow.reports import PREFIX, base_url

settings.enable_telemetry = False


class Pages:
    """The pages of reports as an ASGI application, made when first asked: every component loads the plugin."""

    def __init__(self) -> None:
        self._made: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request."""
        if self._made is None:
            from mergeflow.airflow.report_pages import application

            self._made = application()
        await self._made(scope, receive, send)


class MergeflowPlugin(AirflowPlugin):
    """Turns dag-factory's telemetry off where its listener runs, whatever the deployment's settings say.

    It also has the API server serve the reports of expectation tasks, with a button at these tasks that leads there.
    """

    name = "mergeflow"
    fastapi_apps: list[Any] = [  # noqa: RUF012 - as Airflow declares it, and so the others
        {"app": Pages(), "url_prefix": PREFIX, "name": "Mergeflow's reports"}
    ]
    external_views: list[Any] = [  # noqa: RUF012
        {
            "name": "Data quality",
            "href": f"{urlsplit(base_url()).path.rstrip('/')}{PREFIX}/",
            "destination": "nav",
            "category": "browse",
        }
    ]
    operator_extra_links: list[Any] = [QualityReport()]  # noqa: RUF012
