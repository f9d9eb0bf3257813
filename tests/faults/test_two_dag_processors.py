"""Two dag-processors on the same clones, as while one takes over from the other: each merge is live once."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.faults.fleet import DAGS, ORDERS, Fleet
from tests.live import eventually, until_live

PATH = "configs/shop/orders.yaml"
PATIENCE = 30.0  # seconds for it to end


def test_two_dag_processors_do_not_disturb_each_other(fleet: Fleet, tmp_path: Path) -> None:
    log = tmp_path / "second.log"
    with second(fleet, log):
        eventually(fleet.airflow, lambda: "Refreshing bundle" in log.read_text(), "the second follows, too")
        for text in ("one", "two"):
            merged = fleet.origin.push({PATH: ORDERS.replace("echo orders", f"echo {text}")})
            until_live(fleet.airflow, ["orders"], merged)
            run = fleet.run("orders")
            assert run.commit == merged
            assert text in fleet.airflow.client.logs("orders", run.run_id, "say")
        fleet.origin.push({PATH: ORDERS.replace("  schedule", "  shedule", 1)})
        assert f"{PATH}:2:3: error: unknown key `shedule`" in fleet.until_error(dag_processors=2)
        fleet.until_live(DAGS - {"orders"})
        fleet.restore()
    assert "Traceback" not in log.read_text()


@contextmanager
def second(fleet: Fleet, log: Path) -> Iterator[None]:
    """Another dag-processor, with the environment of the first."""
    environment = psutil.Process(fleet.dag_processor()).environ()
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "airflow", "dag-processor"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    try:
        yield
        assert process.poll() is None, log.read_text()[-2000:]
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
