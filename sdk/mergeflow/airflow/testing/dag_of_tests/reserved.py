"""The reserved fixtures as they are unless a suite has its own; a plugin for pytest.

Each first asks for a fixture of its own name below it: an object among `plugins` of `pytest.main` may have one.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

CONTEXT: pytest.StashKey[Mapping[str, Any]] = pytest.StashKey()
"""Where a task's session keeps what Airflow tells the task."""

MAKE: pytest.StashKey[Callable[[Mapping[str, Any] | None], Any]] = pytest.StashKey()
"""Where a session that builds a DAG keeps what makes an empty one of its default_args."""


@pytest.fixture(scope="session")
def task_ctx(pytestconfig: pytest.Config) -> Mapping[str, Any]:
    """What Airflow tells a task: `ti`, `dag_run`, `params`, `logical_date` and so on. Empty outside Airflow."""
    return pytestconfig.stash.get(CONTEXT, {})


@pytest.fixture(scope="session")
def dag_default_args(request: pytest.FixtureRequest) -> Mapping[str, Any]:
    """The default_args of the DAG that is made of the tests."""
    found = _below(request, "dag_default_args")
    if found is not None:
        return dict(found)
    from mergeflow.airflow.testing.dag_of_tests.building import DEFAULT_ARGS

    return {**DEFAULT_ARGS}


@pytest.fixture(scope="session")
def dag(request: pytest.FixtureRequest, pytestconfig: pytest.Config) -> Any:
    """The DAG that is made of the tests; in a task, the one that it belongs to."""
    if running := pytestconfig.stash.get(CONTEXT, {}).get("dag"):
        return running
    found = _below(request, "dag")
    if found is not None:
        return found
    default_args = request.getfixturevalue("dag_default_args")
    if make := pytestconfig.stash.get(MAKE, None):
        return make(default_args)
    from mergeflow.airflow.testing.dag_of_tests.building import Given

    return Given().dag("pytest", default_args)


def _below(request: pytest.FixtureRequest, name: str) -> Any:
    try:
        return request.getfixturevalue(name)
    except pytest.FixtureLookupError as error:
        if error.argname != name:
            raise
        return None
