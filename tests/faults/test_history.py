"""What a merge can do to history: it is reverted, or main is forced to another commit."""

from tests.faults.fleet import DAGS, ORDERS, Fleet
from tests.live import until_live

PATH = "configs/shop/orders.yaml"


def test_a_reverted_merge_brings_the_former_version_back(fleet: Fleet) -> None:
    first = fleet.run("orders")
    merged = fleet.origin.push({PATH: ORDERS.replace("say:", "shout:").replace("echo orders", "echo ORDERS")})
    until_live(fleet.airflow, ["orders"], merged)
    second = fleet.run("orders")
    assert tasks(fleet, second.run_id) == ["shout"]

    fleet.origin.git("revert", "--no-edit", "HEAD")
    reverted = fleet.origin.head()
    until_live(fleet.airflow, ["orders"], reverted)
    third = fleet.run("orders")
    assert (tasks(fleet, third.run_id), third.commit) == (["say"], reverted)
    assert "orders" in fleet.airflow.client.logs("orders", third.run_id, "say")

    history = fleet.airflow.client.runs("orders")
    assert history[:3] == [third, second, first]
    assert tasks(fleet, second.run_id) == ["shout"]
    assert "ORDERS" in fleet.airflow.client.logs("orders", second.run_id, "shout")
    assert versions(fleet)[-2:] == [merged, reverted]


def test_two_merges_within_seconds_are_both_live(fleet: Fleet) -> None:
    """Airflow's default keeps the first for 30 s, and nothing would parse the file a third time."""
    for task in ("first", "second"):
        merged = fleet.origin.push({PATH: ORDERS.replace("say:", f"{task}:")})
        until_live(fleet.airflow, ["orders"], merged)
    run = fleet.run("orders")
    assert (tasks(fleet, run.run_id), run.commit) == (["second"], merged)


def test_a_forced_push_is_followed(fleet: Fleet) -> None:
    lost = fleet.origin.push({PATH: ORDERS.replace("refunds:", "lost:")})
    fleet.until_live(DAGS - {"refunds"} | {"lost"})
    run = fleet.run("orders")
    assert run.commit == lost

    fleet.origin.git("reset", "-q", "--hard", "HEAD~1")
    forced = fleet.origin.push({PATH: ORDERS.replace("echo orders", "echo forced")})
    until_live(fleet.airflow, ["orders"], forced)
    fleet.until_live(DAGS)
    assert run in fleet.airflow.client.runs("orders")
    assert "forced" in fleet.airflow.client.logs("orders", fleet.run("orders").run_id, "say")


def test_a_changed_default_reaches_every_dag_below_it(fleet: Fleet) -> None:
    changed = fleet.origin.push({"configs/defaults.yml": "default_args:\n  owner: platform\n"})
    until_live(fleet.airflow, DAGS, changed)
    assert {dag.owners for dag in fleet.airflow.client.dags()} == {("platform",)}


def tasks(fleet: Fleet, run_id: str) -> list[str]:
    return [task.task_id for task in fleet.airflow.client.tasks("orders", run_id)]


def versions(fleet: Fleet) -> list[str]:
    """The commits of the DAG's versions in Airflow, oldest first."""
    rows = fleet.airflow.client._http.pages("/api/v2/dags/orders/dagVersions", "dag_versions", {})
    return [row["bundle_version"] for row in sorted(rows, key=lambda row: row["version_number"])]
