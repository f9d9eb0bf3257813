"""All DAGs of a repository, as Airflow loads them, in this process."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag

from mergeflow.shards import DAGS

__all__ = ["DagBag", "bag_of"]


@contextmanager
def bag_of(root: Path) -> Iterator[DagBag]:
    """The DAGs of `dags/`, whose code can be imported as in a task for as long as they are needed."""
    folder = str(root / DAGS)
    sys.path.insert(0, folder)
    try:
        yield DagBag(folder, bundle_path=root / DAGS, load_op_links=False)
    finally:
        sys.path.remove(folder)
