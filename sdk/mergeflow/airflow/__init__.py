"""Mergeflow inside Airflow: the only package that imports Airflow and dag-factory.

A stub in `dags/` needs `load_dags`, `dags/config_errors.py` needs `raise_config_errors`; both are imported only when
asked for, so that `mergeflow up` can start before Airflow is imported.
"""

from importlib import import_module
from typing import Any

__all__ = ["load_dags", "load_test_dag", "raise_config_errors"]

_MODULES = {
    "load_dags": "loader",
    "load_test_dag": "testing.dag_of_tests.loading",
    "raise_config_errors": "config_errors",
}


def __getattr__(name: str) -> Any:
    """Import the module of what is asked for when it is first asked for."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
