"""Parse a fleet once, as a dag-processor or a worker does, and print the seconds; Airflow is imported before."""

import os
import runpy
import sys
import time
from pathlib import Path
from typing import Any

import airflow.providers.standard.operators.bash
import dagfactory

import mergeflow.airflow.loader

IMPORTED_BEFORE_THE_CLOCK_STARTS = (airflow, dagfactory, mergeflow)


def by_mergeflow(root: Path, dag_id: str | None) -> int:
    """All stubs; for one task only the stub that has its DAG."""
    stubs = sorted((root / "dags").glob("team_*.py"))
    found = [runpy.run_path(str(stub)) for stub in (stubs if dag_id is None else stubs[:1])]
    return sum(name.startswith("dag dag_") for namespace in found for name in namespace)


def by_dag_factory(root: Path, dag_id: str | None) -> int:
    """The documented single loader, which has no way to build one DAG only."""
    del dag_id
    namespace: dict[str, Any] = {}
    configs = str(root / "configs")
    dagfactory.load_yaml_dags(namespace, dags_folder=configs, defaults_config_path=configs)
    return sum(name.startswith("dag_") for name in namespace)


def by_hand(root: Path, dag_id: str | None) -> int:
    """A Python file without any YAML: the floor."""
    del dag_id
    return sum(name.startswith("dag_0") for name in runpy.run_path(str(root / "by_hand.py")))


def main() -> None:
    """Arguments: contender, repository, and for a task's start the dag_id."""
    contender, root = sys.argv[1], Path(sys.argv[2])
    dag_id = sys.argv[3] if len(sys.argv) > 3 else None
    if dag_id is not None:
        os.environ["_AIRFLOW_PARSING_CONTEXT_DAG_ID"] = dag_id
    parse = {"mergeflow": by_mergeflow, "dag-factory": by_dag_factory, "by hand": by_hand}[contender]
    begun = time.perf_counter()
    dags = parse(root, dag_id)
    print(f"{time.perf_counter() - begun} {dags}")


if __name__ == "__main__":
    main()
