"""What a plan promises is what Airflow then does: as many runs as are counted, and each of the golden plans."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from mergeflow.airflow.local.repository import choose
from mergeflow.airflow.local.settings import LocalSettings
from mergeflow.airflow.local.supervisor import LocalAirflow
from mergeflow.files import from_directory
from mergeflow.plan import Kind, Plan
from mergeflow.planning import plan_merge
from mergeflow.project import load
from tests.conftest import Run
from tests.faults.promises import Promises, id_of, tasks_of
from tests.live import EMPTY, ERRORS, STUB, Origin, eventually, hasty, running, until_live
from tests.plan.test_cases import CASES as ALL
from tests.plan.test_cases import NOW
from tests.services.server import free_port

pytestmark = pytest.mark.live

CASES = ALL[0].parent

SETTLED = f"""
{{dag_id}}:
  schedule: "@daily"
  start_date: 2024-01-01
  catchup: false
  tasks:
    run: {{{{operator: {EMPTY}}}}}
    {{task_id}}: {{{{operator: {EMPTY}, dependencies: [run]}}}}
"""
NEW = f"""
default:
  tasks:
    run: {{{{operator: {EMPTY}}}}}
by_day_in_paris: {{{{schedule: "30 2 * * *", timezone: Europe/Paris, start_date: {{forty}}, catchup: true}}}}
by_hour_in_new_york: {{{{schedule: "@hourly", timezone: America/New_York, start_date: {{two}}, catchup: true}}}}
by_span:
  schedule: {{{{__type__: datetime.timedelta, hours: 7}}}}
  start_date: {{forty}}
  end_date: {{twenty}}
  catchup: true
latest_only: {{{{schedule: "@daily", start_date: {{forty}}, catchup: false}}}}
in_the_future: {{{{schedule: "@daily", start_date: {{tomorrow}}, catchup: true}}}}
"""


@pytest.fixture(autouse=True)
def fleet() -> None:
    """Nothing is wrong here, and the schedule of the faults must not wait for all these runs."""


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Origin:
    made = Origin(tmp_path_factory.mktemp("plan") / "repository")
    made.create(
        {
            "configs/team/settled.yaml": SETTLED.format(dag_id="settlement", task_id="pay"),
            "dags/team.py": STUB.format(team="team"),
            "dags/config_errors.py": ERRORS,
        }
    )
    return made


@pytest.fixture(scope="module")
def airflow(origin: Origin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAirflow]:
    source = choose(origin.root, None, "main")
    variables = {**hasty(source), "AIRFLOW__CORE__MAX_ACTIVE_RUNS_PER_DAG": "64"}
    settings = LocalSettings(tmp_path_factory.mktemp("state"), source, free_port(), variables=variables)
    with running(settings) as airflow:
        airflow.wait_until_up()
        until_live(airflow, ["settlement"])
        yield airflow


def plan_of(origin: Origin, files: dict[str, str | None], now: datetime) -> Plan:
    """The plan of a branch that holds these files; it is merged then."""
    origin.git("checkout", "-qb", f"branch-{now.timestamp()}")
    origin.push(files)
    plan = plan_merge(origin.root, "main", "HEAD", "", now).plan
    origin.git("branch", "-qf", "merged")
    origin.git("checkout", "-q", "main")
    origin.git("merge", "-q", "--ff-only", "merged")
    return plan


def promised(plan: Plan) -> dict[str, int]:
    told = {
        dag_id: each.runs or int(each.slug == "latest-run") for each in plan.consequences for dag_id in each.dag_ids
        if each.slug in ("catch-up", "latest-run")
    }  # fmt: skip
    return {change.dag_id: told.get(change.dag_id, 0) for change in plan.changes if change.kind is Kind.ADDED}


def files_of(case: str, side: str) -> dict[str, str | None]:
    """One side of a golden plan, its dates as long ago as they are there, its stubs filled in."""
    root, later = CASES / case / side, datetime.now(UTC).date() - NOW.date()
    texts = {path.relative_to(root).as_posix(): path.read_text() for path in root.rglob("*") if path.is_file()}
    return {
        path: STUB.format(team=Path(path).stem)
        if path.endswith(".py")
        else re.sub(r"\d{4}-\d\d-\d\d", lambda found: str(date.fromisoformat(found[0]) + later), text)
        for path, text in texts.items()
    }


def put(airflow: LocalAirflow, origin: Origin, files: dict[str, str | None]) -> set[str]:
    """Begin with these files and no others; return the ids of their DAGs once these are live."""
    origin.git("checkout", "-qf", "main")
    there = origin.git("ls-files", "configs", "dags/*.py").split()
    gone: dict[str, str | None] = dict.fromkeys(there)
    commit = origin.push({**gone, **files, "dags/config_errors.py": ERRORS})
    dag_ids = {dag.dag_id for dag in load(from_directory(origin.root)).dags}
    until_live(airflow, dag_ids, commit)
    return dag_ids


def test_as_many_runs_as_the_plan_has_counted(airflow: LocalAirflow, origin: Origin) -> None:
    now = datetime.now(UTC)
    days = {"forty": -40, "twenty": -20, "two": -2, "tomorrow": 1}
    text = NEW.format(**{name: (now + timedelta(days=number)).date() for name, number in days.items()})
    expected = promised(plan_of(origin, {"configs/team/new.yaml": text}, now))
    assert len(expected) == 5
    assert sum(expected.values()) > 100
    until_live(airflow, ["settlement", *expected])
    client = airflow.client
    for dag_id in expected:
        client.unpause(dag_id)

    def counted() -> dict[str, int]:
        return {dag_id: len(client.runs(dag_id)) for dag_id in expected}

    def all_there() -> bool:
        return all(many >= expected[dag_id] for dag_id, many in counted().items())

    eventually(airflow, all_there, lambda: f"{expected} runs are created, not {counted()}", 300)
    eventually(airflow, lambda: all(run.state == "success" for run in client.runs()), "all of them end")
    late = datetime.now(UTC)
    since = {dag_id: many - expected[dag_id] for dag_id, many in counted().items()}
    hours = (
        late.replace(minute=0, second=0, microsecond=0) - now.replace(minute=0, second=0, microsecond=0)
    ) / timedelta(hours=1)
    assert all(0 <= more <= hours for more in since.values()), since


@pytest.mark.parametrize("case", ["rename", "schedule", "default", "template", "removed_task", "asset_consumer"])
def test_airflow_does_what_the_plan_says(airflow: LocalAirflow, origin: Origin, mergeflow: Run, case: str) -> None:
    before, after = (files_of(case, side) for side in ("before", "after"))
    dag_ids = put(airflow, origin, before)
    origin.git("checkout", "-qb", case)
    origin.push({**dict.fromkeys(before), **after})
    ran = mergeflow("plan", "--format", "json", cwd=origin.root)
    assert (ran.code, ran.err) == (0, "")
    promises = Promises(airflow, json.loads(ran.out))
    assert promises.changed
    moving = [dag for dag in promises.changed if dag["nodes"] or dag["was"] or dag["schedule"]["before"]]
    promises.run_before(moving)
    promises.hold("before")
    others = dag_ids - {id_of(dag, "before") for dag in promises.changed}
    unchanged = {dag_id: tasks_of(airflow, dag_id) for dag_id in others}

    origin.git("checkout", "-q", "main")
    origin.git("merge", "-q", "--ff-only", case)
    until_live(airflow, [dag["dag_id"] for dag in promises.changed], origin.head())
    promises.run_after(dag for dag in moving if dag["nodes"])
    promises.hold("after")
    for dag in moving:
        promises.history_holds(dag)
        promises.catch_up_holds(dag)
        promises.reach_holds(dag)
    assert {dag_id: tasks_of(airflow, dag_id) for dag_id in others} == unchanged
