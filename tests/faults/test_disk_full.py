"""The disk is full while the cache is written: every parse does all of its work, and says so once."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOSPC
from pathlib import Path

import pytest

from tests.faults.fleet import DAGS, ORDERS, Fleet
from tests.live import until_live

PATH = "configs/shop/orders.yaml"
SIZE = "64k"


def test_a_cache_on_a_full_disk_costs_no_dag_and_hides_no_error(fleet: Fleet, cache: Path) -> None:
    airflow, origin = fleet.airflow, fleet.origin
    with full_disk(cache):
        length = len(parses(fleet))
        until_live(airflow, ["orders"], origin.push({PATH: ORDERS.replace("refunds:", "credits:")}))
        fleet.until_live(DAGS - {"refunds"} | {"credits"})
        origin.push({PATH: ORDERS.replace("  schedule", "  shedule", 1)})
        assert f"{PATH}:2:3: error: unknown key `shedule`" in fleet.until_error()
        fleet.until_live(DAGS - {"orders"})
        assert not list(cache.glob("*.json"))
    said = parses(fleet)[length:]
    complaints = [line for line in said if "the cache cannot be written" in line]
    assert 1 <= len(complaints) <= sum("Filling up the DagBag" in line for line in said)
    assert "No space left on device" in complaints[0]

    origin.push({PATH: ORDERS})
    fleet.until_live(DAGS)
    fleet.until_no_error()
    assert list(cache.glob("*.json"))


@contextmanager
def full_disk(folder: Path) -> Iterator[None]:
    """A file system in the folder's place, without one byte left."""
    mount("mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=777", "tmpfs", str(folder))
    try:
        with pytest.raises(OSError, match=os.strerror(ENOSPC)):
            fill(folder / "filling")
        yield
    finally:
        subprocess.run([*as_root(), "umount", str(folder)], check=True, capture_output=True)


def fill(file: Path) -> None:
    with file.open("wb", buffering=0) as filling:
        while True:
            filling.write(bytes(1024))


def mount(*command: str) -> None:
    """Skip where nobody may mount: a container may lack the right for root, too."""
    try:
        done = subprocess.run([*as_root(), *command], check=False, capture_output=True, text=True)
    except FileNotFoundError as error:
        pytest.skip(f"not installed: {error.filename}")
    if done.returncode:
        pytest.skip(f"a full disk takes the right to mount one: {done.stderr.strip()}")


def as_root() -> list[str]:
    """What makes a command root's, without ever asking for a password."""
    return ["sudo", "-n"] if os.geteuid() else []


def parses(fleet: Fleet) -> list[str]:
    """What parses of config_errors.py have logged."""
    files = (fleet.airflow.settings.logs / "parsing").rglob("config_errors.py.log")
    return [line for file in sorted(files) for line in file.read_text().splitlines()]
