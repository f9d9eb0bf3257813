"""What Airflow runs in a stub: a team's configs become DAGs.

One broken config never costs another DAG: a stub leaves out what does not check or build, and only
`dags/config_errors.py` raises.
"""

import logging
from collections.abc import Iterable, MutableMapping
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, get_parsing_context

from mergeflow.airflow.building import build_project
from mergeflow.airflow.reading import dags_of, project_of, project_of_one, remember, root_of
from mergeflow.rules import Known

Namespace = MutableMapping[str, Any]
"""A module's `globals()`."""

log = logging.getLogger(__name__)


def load_dags(namespace: Namespace, team: str) -> None:
    """Put every good DAG of `configs/<team>/` into a stub's namespace, where Airflow finds it.

    `team` may also be a folder of one, `payments/fx`, in the stub `dags/payments/fx.py`; that of the team then leaves
    the folder out. When Airflow parses for a single task, only the files of its DAG are read, and only it is built.
    """
    root, stub = root_of(namespace), namespace["__file__"]
    wanted = get_parsing_context().dag_id
    project = project_of(root, team) if wanted is None else project_of_one(root, team, wanted)
    loaded = build_project(project, Known(), stub)
    for dag in loaded.dags:
        namespace[f"dag {dag.dag_id}"] = dag  # a name that nothing else in a module can have
    if (above := dags_of(stub)) != Path(stub).absolute().parent:
        _let_find(loaded.dags, above)
    for error in loaded.errors:
        log.error("left out: %s: %s [%s]", error.location, error.message, error.rule)
    if wanted is None:
        remember(team, project.dags)


def _let_find(dags: Iterable[DAG], folder: Path) -> None:
    """Let DAGs of a shard find scripts and templates where those of their team's stub do, which stands above it."""
    for dag in dags:
        dag.template_searchpath = (str(folder), *(dag.template_searchpath or ()))
