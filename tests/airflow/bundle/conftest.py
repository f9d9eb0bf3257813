"""A repository, and bundles that follow it."""

import json
from pathlib import Path

import pytest

from mergeflow.airflow import bundle as bundle_module
from mergeflow.airflow.bundle import ConfigBundle
from tests.airflow.bundle.origin import Follower, Logged, Repository, make_repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return make_repository(tmp_path / "origin")


@pytest.fixture
def follower(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Follower:
    monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH", str(tmp_path / "bundles"))
    monkeypatch.setenv("AIRFLOW_CONN_GIT_DEFAULT", json.dumps({"conn_type": "git"}))
    return Follower(repository, tmp_path / "bundles" / "b")


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Logged:
    logged = Logged()
    monkeypatch.setattr(bundle_module, "log", logged)
    return logged


@pytest.fixture
def bundle(follower: Follower, logged: Logged) -> ConfigBundle:  # noqa: ARG001 - it must be there before the bundle
    return follower.started()
