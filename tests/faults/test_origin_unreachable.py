"""Nobody can reach the repository for a minute: what is known goes on, and what was merged meanwhile comes at once."""

import time

from tests.faults.fleet import ORDERS, Fleet
from tests.live import until_live
from tests.services.git_server import GitServer

MINUTE = 60.0  # seconds
SERVER_IS_GONE = 40.0  # seconds of these; in the rest it answers, and has no such repository


def test_a_minute_without_the_origin(fleet: Fleet, git_server: GitServer) -> None:
    airflow, origin = fleet.airflow, fleet.origin
    known = origin.push({"configs/shop/orders.yaml": ORDERS.replace("echo orders", "echo known")})
    until_live(airflow, ["orders"], known)
    log = airflow.settings.logs / "dag-processor.log"
    length = log.stat().st_size
    begun = time.monotonic()

    git_server.stop()
    merged = origin.push({"configs/shop/orders.yaml": ORDERS.replace("echo orders", "echo merged")})
    try:
        # The first run of its commit: the worker has to make that version's files without the origin.
        run = fleet.run("orders")
        assert run.commit == known
        assert "known" in airflow.client.logs("orders", run.run_id, "say")
        time.sleep(max(0.0, begun + SERVER_IS_GONE - time.monotonic()))
        away = origin.root.rename(origin.root.with_name("away"))
        git_server.start()
        assert fleet.run("stock").state == "success"
        time.sleep(max(0.0, begun + MINUTE - time.monotonic()))
        away.rename(origin.root)
    finally:
        git_server.stop()
        git_server.start()

    until_live(airflow, ["orders"], merged, seconds=20)
    run = fleet.run("orders")
    assert run.commit == merged
    assert "merged" in airflow.client.logs("orders", run.run_id, "say")
    said = log.read_bytes()[length:].decode().splitlines()
    (complaint,) = [line for line in said if "[error" in line or "[warning" in line or line.startswith("Traceback")]
    assert "bundle stays as it is until this is over" in complaint
    assert sum("bundle follows again" in line for line in said) == 1
