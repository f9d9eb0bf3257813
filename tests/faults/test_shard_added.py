"""A folder gets a stub of its own while a run of one of its DAGs is under way, and loses it again."""

from pathlib import Path

from tests.faults.fleet import DAGS, Fleet
from tests.faults.test_merge_during_run import CODE, PATH, long
from tests.live import PATIENCE, STUB, eventually, until_live

MOVED = "configs/shop/deep/long.yaml"
SHARD = "dags/shop/deep.py"


def file_of(fleet: Fleet, dag_id: str) -> str:
    return fleet.airflow.client.dag(dag_id).file


def test_a_run_goes_on_when_its_dag_gets_another_stub(fleet: Fleet, tmp_path: Path) -> None:
    client = fleet.airflow.client
    files = long(tmp_path)
    commit = fleet.origin.push({MOVED: files[PATH], CODE: files[CODE]})
    until_live(fleet.airflow, ["long"], commit)
    for shard, file in ((STUB.format(team="shop/deep"), "shop/deep.py"), (None, "shop.py")):
        (tmp_path / "begun").unlink(missing_ok=True)
        (tmp_path / "go").unlink(missing_ok=True)
        before = fleet.origin.head()
        run = client.trigger("long", unpause=True)
        eventually(fleet.airflow, (tmp_path / "begun").exists, "the first task runs")
        head = fleet.origin.push({SHARD: shard})
        eventually(fleet.airflow, lambda file=file: file_of(fleet, "long") == file, f"long is loaded by {file}")  # type: ignore[misc]
        until_live(fleet.airflow, ["long", "orders", "refunds"], head)
        assert fleet.live() == DAGS | {"long"}

        (tmp_path / "go").touch()
        run = fleet.airflow.wait_for_run(run, timeout=PATIENCE)
        assert (run.state, run.commit) == ("success", before), client.tasks("long", run.run_id)
        assert fleet.run("long").commit == head
