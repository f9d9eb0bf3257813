"""Mergeflow: a Git repository of YAML becomes running Airflow DAGs."""

__all__ = ["__version__"]


def __getattr__(name: str) -> str:
    """The installed version, looked up only when somebody asks: the look-up costs a commit hook 20 ms."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version

    return version("mergeflow")
