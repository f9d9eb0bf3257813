"""A config that is broken on main, past every hook: nobody else notices, and everybody can read why.

The other faults stand in tests/faults/, for they take minutes.
"""

from collections.abc import Iterator

import pytest

from mergeflow.airflow.local.repository import choose
from mergeflow.airflow.local.settings import LocalSettings
from mergeflow.airflow.local.supervisor import LocalAirflow
from tests.live import EMPTY, ERRORS, STUB, Origin, eventually, until_live
from tests.services.server import free_port

pytestmark = pytest.mark.live

STEADY = f"""
steady:
  schedule: {{__type__: datetime.timedelta, seconds: 2}}
  start_date: 2024-01-01
  catchup: false
  max_active_runs: 1
  tasks:
    run: {{operator: {EMPTY}}}
"""
DAILY = 'daily_{team}:\n  schedule: "@daily"\n  start_date: 2024-01-01\n  tasks:\n    run: {{operator: {operator}}}\n'
BROKEN = DAILY.replace("schedule:", "shedule:")


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Origin:
    made = Origin(tmp_path_factory.mktemp("broken") / "repository")
    made.create(
        {
            "configs/fast/steady.yaml": STEADY,
            "configs/slow/daily.yaml": DAILY.format(team="slow", operator=EMPTY),
            "dags/fast.py": STUB.format(team="fast"),
            "dags/slow.py": STUB.format(team="slow"),
            "dags/config_errors.py": ERRORS,
        }
    )
    return made


@pytest.fixture(scope="module")
def airflow(origin: Origin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAirflow]:
    source = choose(origin.root, None, "main")
    with LocalAirflow(LocalSettings(tmp_path_factory.mktemp("state"), source, free_port())) as running:
        running.wait_until_up()
        until_live(running, ["steady", "daily_slow"])
        yield running


def test_a_broken_config_on_main_costs_nobody_else(airflow: LocalAirflow, origin: Origin) -> None:
    client = airflow.client
    client.unpause("steady")
    eventually(airflow, lambda: any(run.state == "success" for run in client.runs("steady")), "the steady DAG runs")

    origin.push({"configs/fast/broken.yaml": BROKEN.format(team="fast", operator=EMPTY)})
    eventually(airflow, client.import_errors, "the error is shown")
    (error,) = client.import_errors()
    assert error.file.endswith("config_errors.py")
    assert (
        "configs/fast/broken.yaml:2:3: error: unknown key `shedule` in DAG `daily_fast` [unknown-key]\n"
        "  |\n"
        '2 |   shedule: "@daily"\n'
        "  |   ^^^^^^^\n"
        "  = hint: did you mean `schedule`?\n"
    ) in error.text
    assert "Traceback" not in error.text

    before = {run.run_id for run in client.runs("steady")}
    eventually(
        airflow, lambda: len({run.run_id for run in client.runs("steady")} - before) >= 3, "the schedule goes on"
    )
    live = {dag.dag_id: dag for dag in client.dags()}
    assert set(live) == {"steady", "daily_slow"}
    assert not any(dag.stale or dag.import_errors for dag in live.values())

    origin.push({"configs/fast/broken.yaml": DAILY.format(team="fast", operator=EMPTY)})
    eventually(airflow, lambda: not client.import_errors(), "the error is gone")
    until_live(airflow, ["daily_fast"])

    created, mended = origin.git("rev-list", "--reverse", "main").split()[::2]
    for dag_id, where, commit in (("steady", "steady.yaml:2", created), ("daily_fast", "broken.yaml:1", mended)):
        shown = client._http.call("GET", f"/api/v2/dags/{dag_id}/details")
        assert shown["doc_md"].startswith(f"`configs/fast/{where}` · commit `{commit[:7]}` · team `fast`\n")
        assert "team:fast" in [tag["name"] for tag in shown["tags"]]
