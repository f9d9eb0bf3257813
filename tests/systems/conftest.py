"""One Airflow for the live tests of both systems, and the site that its simulators report to."""

from collections.abc import Iterator

import pytest

from tests.live import ROOT
from tests.services.site import SiteServer, site
from tests.systems.live_airflow import LiveAirflow, live_airflow

UNKNOWN_ROW = """
- id: 99
  start_date: 2024-01-01
  interval: "@yearly"
  kpi: {id: 99, name: None, formula: value}
"""


@pytest.fixture(scope="session")
def kpi_site() -> Iterator[SiteServer]:
    """The simulators' site, which has the two KPIs that are shipped."""
    with site() as server:
        yield server


@pytest.fixture(scope="session")
def live(kpi_site: SiteServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveAirflow]:
    """What is shipped, with a retry that comes sooner and a simulator whose KPI the site does not have.

    Airflow takes half a minute of this machine to start and to stop, so both systems share it as their owners would.
    """
    dags, rows = ((ROOT / "configs/simulators" / name).read_text() for name in ("simulators.yaml", "rows.yaml"))
    changed = {
        "configs/simulators/simulators.yaml": dags.replace("  with:\n", "  with:\n    retry_after: 8\n"),
        "configs/simulators/rows.yaml": rows + UNKNOWN_ROW.lstrip(),
    }
    connections = {"kpi_site": kpi_site.connection()}
    with live_airflow(tmp_path_factory.mktemp("live"), changed, connections) as running:
        yield running
