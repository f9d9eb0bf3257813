"""The dag-processor is killed while it parses: runs go on, it begins anew, and nothing half-made is left."""

import os
import signal
import subprocess
from pathlib import Path

from tests.faults.fleet import DAGS, ORDERS, Fleet
from tests.faults.slow import slow
from tests.live import eventually


def test_killed_during_a_parse(fleet: Fleet, tmp_path: Path) -> None:
    airflow, origin = fleet.airflow, fleet.origin
    begun, waits = tmp_path / "begun", tmp_path / "waits"
    waits.touch()
    origin.push(slow(begun, waits))
    eventually(airflow, begun.exists, "the parse has begun")
    killed = fleet.dag_processor()
    os.killpg(killed, signal.SIGKILL)
    begun.unlink()
    fleet.run("orders")
    assert fleet.live() == DAGS

    eventually(airflow, begun.exists, "the parse has begun again")
    assert fleet.dag_processor() != killed
    waits.unlink()
    fleet.until_live(DAGS | {"slow"})
    fleet.until_no_error()
    fleet.run("slow")
    repository = airflow.settings.bundles / "repository"
    assert not list(repository.rglob("*.lock"))
    for clone in ("bare", "tracking_repo"):
        subprocess.run(["git", "-C", repository / clone, "fsck", "--strict"], check=True, capture_output=True)


def test_killed_while_git_works(fleet: Fleet) -> None:
    """A killed Git leaves its locks, and whoever comes next refuses to work beside them."""
    airflow, origin = fleet.airflow, fleet.origin
    repository = airflow.settings.bundles / "repository"
    killed = fleet.dag_processor()
    os.killpg(killed, signal.SIGSTOP)
    for lock in ("tracking_repo/.git/index.lock", "tracking_repo/.git/HEAD.lock", "bare/packed-refs.lock"):
        (repository / lock).touch()
    origin.push({"configs/shop/late.yaml": ORDERS.replace("orders", "late").replace("refunds", "later")})
    os.killpg(killed, signal.SIGKILL)
    eventually(airflow, lambda: fleet.dag_processor() != killed, "it has begun anew")
    fleet.until_live(DAGS | {"late", "later"})
