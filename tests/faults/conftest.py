"""One Airflow for all faults, following a Git server, and a schedule that must go on through each of them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mergeflow.airflow.local.repository import choose
from mergeflow.airflow.local.settings import LocalSettings
from mergeflow.airflow.local.supervisor import LocalAirflow
from tests.conftest import PATIENCE
from tests.faults.fleet import DAGS, FILES, Fleet
from tests.faults.schedule import DAG_ID, Schedule, steady
from tests.live import Origin, hasty, running, until_live
from tests.services.git_server import GitServer
from tests.services.server import free_port, need


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what waits tell what it has waited for, before it is ended."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.timeout(PATIENCE))


@pytest.fixture(scope="session")
def git_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    """What serves the origin."""
    need(shutil.which("git"), "git")
    server = GitServer(tmp_path_factory.mktemp("served"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def origin(git_server: GitServer) -> Origin:
    """The repository that Airflow follows."""
    made = Origin(git_server.folder / "repository")
    made.create(FILES)
    return made


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where Mergeflow keeps what it need not work out again."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def airflow(
    origin: Origin, git_server: GitServer, cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalAirflow]:
    """All of Airflow, with the schedule running."""
    source = choose(origin.root, git_server.url(origin.root.name), "main")
    variables = {"MERGEFLOW_CACHE": str(cache), **hasty(source)}
    settings = LocalSettings(tmp_path_factory.mktemp("state"), source, free_port(), variables=variables)
    with running(settings) as airflow:
        airflow.wait_until_up()
        until_live(airflow, DAGS - {DAG_ID})
        until_live(airflow, [DAG_ID], origin.push({"configs/steady/steady.yaml": steady()}))
        for dag_id in DAGS:
            airflow.client.unpause(dag_id)
        yield airflow


@pytest.fixture(scope="session")
def whole(airflow: LocalAirflow, origin: Origin) -> Fleet:
    """The fleet as it is when nothing is wrong, to go back to."""
    return Fleet(airflow, origin, origin.head())


@pytest.fixture(autouse=True)
def fleet(whole: Fleet, airflow: LocalAirflow) -> Iterator[Fleet]:
    """The fleet, whole before each test; whatever that does, no run of the schedule is missing, late or failed."""
    whole.restore()
    yield whole
    Schedule(airflow).goes_on()
