"""What is done once for all jobs, in the worker that they are forks of: imports, which take seconds."""

from contextlib import suppress
from importlib import import_module
from pathlib import Path

from mergeflow.tested import Kind
from mergeflow.testing.jobs import Job

AIRFLOW, RUNNING, QUALITY = "starting Airflow", "starting Airflow's API", "importing Great Expectations"
"""As it is told to whoever waits."""


def needs_of(job: Job) -> tuple[str, ...]:
    """What must be there before a job begins, in this order."""
    airflow: tuple[str, ...] = {Kind.SAMPLE: (), Kind.INTEGRITY: (AIRFLOW,), Kind.PIPELINE: (AIRFLOW, RUNNING)}[
        job.kind
    ]
    return (*airflow, QUALITY) if job.needs_quality else airflow


def prepare(what: str, root: Path, scratch: Path) -> None:
    """Do one of these."""
    if what == AIRFLOW:
        from mergeflow.airflow.testing import home

        home.prepare(scratch / "airflow", root)  # its settings are read now, so its home comes first
        import_module("mergeflow.airflow.testing.integrity")
    elif what == RUNNING:
        from mergeflow.airflow.testing.pipeline import preload

        preload()
    else:
        with suppress(ImportError):  # each job that needs it says what to install
            from mergeflow.quality.importing import import_great_expectations

            import_great_expectations()
            import_module("mergeflow.quality.validate")
