"""Parse a fleet once, as a dag-processor or a worker does, and print what it took as a line of JSON.

A process of its own for each measurement: nothing that one contender has imported or cached helps the next.
"""

import json
import os
import runpy
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.benchmarks.fleet import BLUEPRINT, DAG_FACTORY

AIRFLOW = ("airflow.sdk", "airflow.providers.standard.operators.bash")

IMPORTS = {
    "mergeflow": (*AIRFLOW, "dagfactory", "mergeflow.airflow.loader"),
    "config_errors.py": (*AIRFLOW, "dagfactory", "mergeflow.airflow.config_errors"),
    "dag-factory": (*AIRFLOW, "dagfactory"),
    "airflow-blueprint": (*AIRFLOW, "blueprint"),
    "by hand": AIRFLOW,
}
"""What each contender imports before the clock starts: a dag-processor or worker that lives on pays for it once."""


def files(contender: str, root: Path, dag_id: str | None) -> list[Path]:
    """The Python files that Airflow runs; for one task only the one that has its DAG."""
    stubs = sorted((root / "dags").glob("team_*.py"))
    return {
        "mergeflow": stubs if dag_id is None else [_stub_of(root, dag_id)],
        "config_errors.py": [root / "dags/config_errors.py"],
        "dag-factory": [root / DAG_FACTORY / "loader.py"],
        "airflow-blueprint": [root / BLUEPRINT / "loader.py"],
        "by hand": [root / "by_hand.py"],
    }[contender]


def main() -> None:
    """Arguments: contender, repository, and for a task's start the dag_id."""
    contender, root = sys.argv[1], Path(sys.argv[2])
    dag_id = sys.argv[3] if len(sys.argv) > 3 else None
    if dag_id is not None:
        os.environ["_AIRFLOW_PARSING_CONTEXT_DAG_ID"] = dag_id
    begun = time.perf_counter()
    for module in IMPORTS[contender]:
        import_module(module)
    imported = time.perf_counter()
    namespaces = [runpy.run_path(str(path)) for path in files(contender, root, dag_id)]
    seconds = time.perf_counter() - imported
    found = {"seconds": seconds, "imports": imported - begun, "peak": _peak(), "dags": _count(namespaces)}
    print(json.dumps(found))


def _stub_of(root: Path, dag_id: str) -> Path:
    (config,) = (root / "configs").glob(f"*/{dag_id}.yaml")
    return root / "dags" / f"{config.parent.name}.py"


def _count(namespaces: list[dict[str, Any]]) -> int:
    from airflow.sdk import DAG

    found = (each for namespace in namespaces for each in namespace.values())
    return len({each.dag_id for each in found if isinstance(each, DAG)})


def _peak() -> float:
    """The most memory that this process had, in MiB; getrusage would count what its parent had before."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main()
