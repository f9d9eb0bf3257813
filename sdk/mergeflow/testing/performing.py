"""What each kind of job does, in a process of its own."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from mergeflow.tested import Kind, Status, Tested
from mergeflow.testing.jobs import Job


def perform(root: Path, job: Job, scratch: Path) -> Iterator[Tested]:
    """Do a job; `scratch` is a folder for it alone, which is not there before and not afterwards."""
    scratch.mkdir(mode=0o700)
    try:
        if job.kind is Kind.INTEGRITY:
            yield from _integrity(root, job)
        elif job.kind is Kind.SAMPLE:
            yield from _sample(root, job)
        else:
            yield _pipeline(root, job, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _integrity(root: Path, job: Job) -> Iterator[Tested]:
    from mergeflow.airflow.testing.integrity import check_stub

    yield from check_stub(root, job.path, job.dag_ids)


def _sample(root: Path, job: Job) -> Iterator[Tested]:
    from mergeflow.testing.samples import check_sample

    yield check_sample(root, job.path)


def _pipeline(root: Path, job: Job, scratch: Path) -> Tested:
    """A pipeline test, in an Airflow home of its own."""
    from mergeflow.airflow.reading import ENVIRONMENT, project_of_one
    from mergeflow.airflow.testing.pipeline import run
    from mergeflow.pipeline_tests import tests_of
    from mergeflow.shards import name_of

    project = project_of_one(root, name_of(job.stub), job.dag_id)
    found = [
        test for dag in project.dags if dag.dag_id == job.dag_id for test in tests_of(dag) if test.name == job.test
    ]
    if not found:
        where = f" in the environment `{os.environ[ENVIRONMENT]}`" if os.environ.get(ENVIRONMENT) else ""
        message = f"`{job.dag_id}` has no test `{job.test}`{where}"
        return Tested(job.kind, job.path, job.name, Status.ERROR, message, job.line)
    return run(root, job.dag_id, found[0].chosen(job.choice), scratch)
