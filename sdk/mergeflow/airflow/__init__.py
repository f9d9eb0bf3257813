"""Mergeflow inside Airflow: the only package that imports Airflow and dag-factory.

A stub in `dags/` needs `load_dags`, `dags/config_errors.py` needs `raise_config_errors`; both are imported only when
asked for, so that `mergeflow up` can start before Airflow is imported.
"""

from typing import Any

__all__ = ["load_dags", "raise_config_errors"]


def __getattr__(name: str) -> Any:
    """Import the loader for the first that asks."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mergeflow.airflow import loader

    return getattr(loader, name)
