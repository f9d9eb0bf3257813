"""What is wrong in `configs/`, among Airflow's import errors.

Only `dags/config_errors.py` raises: an import error of a stub would mark every DAG of that stub stale, and end their
schedules.
"""

from collections.abc import MutableMapping
from typing import Any, Never

from airflow.sdk import DAG

from mergeflow.airflow.building import build_all
from mergeflow.airflow.reading import root_of
from mergeflow.catalog import CatalogError
from mergeflow.diagnostic import Report
from mergeflow.files import from_directory
from mergeflow.render import text
from mergeflow.workspace import known_around


class ConfigErrors(Exception):
    """What Airflow shows as an import error: the diagnostics, as the terminal has them."""


def raise_config_errors(namespace: MutableMapping[str, Any]) -> None:
    """Show what is wrong in `configs/` among Airflow's import errors; do nothing when nothing is."""
    root = root_of(namespace)
    try:
        errors = build_all(from_directory(root), known_around(root), namespace["__file__"]).errors
    except CatalogError as error:
        namespace["config_errors"] = _Refusal(str(error))
        return
    if errors:
        report = Report(errors, files=len({each.location.path for each in errors}))
        namespace["config_errors"] = _Refusal(text.render(report))


class _Refusal(DAG):
    """A DAG that Airflow refuses with a text of ours: a module that raises would be shown as a traceback."""

    def __init__(self, reason: str) -> None:
        super().__init__("mergeflow_config_errors", schedule=None)
        self._reason = reason

    def validate(self) -> Never:
        """Called by Airflow before it takes the DAG: raises what the user should read."""
        raise ConfigErrors(f"\n{self._reason}")
