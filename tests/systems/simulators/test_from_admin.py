"""From a form in admin to a DAG: the row becomes a commit on a branch, and the commit is what Airflow builds."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG

from mergeflow.airflow.loader import load_dags
from tests.conftest import ROOT, Run
from tests.services.site import site

pytestmark = pytest.mark.service


def built(root: Path) -> dict[str, str | None]:
    """The DAGs that Airflow would get, with their descriptions."""
    namespace: dict[str, Any] = {"__file__": str(root / "dags/simulators.py")}
    load_dags(namespace, "simulators")
    return {each.dag_id: each.description for each in namespace.values() if isinstance(each, DAG)}


def git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """What is shipped, on main."""
    root = tmp_path / "repository"
    for name in ("configs/simulators", "configs/templates", "dags", "validators"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    git(tmp_path, "init", "-q", "-b", "main", str(root))
    git(root, "config", "user.name", "Ada")
    git(root, "config", "user.email", "ada@example.org")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "as it is shipped")
    return root


def test_a_simulator_that_is_added_in_admin_is_a_dag_once_merged(repository: Path, mergeflow: Run) -> None:
    with site() as server:
        database = server.environment["DATABASE_URL"]
        assert mergeflow("sync", "django", "--database", database, cwd=repository).out.startswith("nothing has changed")
        with server.admin() as admin:
            square = {"name": "Square 🎲, of 'Ada'", "formula": "value ** 2"}
            assert "was added successfully" in admin.submit("/admin/mergeflow/kpi/add/", square).text
            simulator = {"start_date": "2025-01-01", "interval": "*/10 * * * * *", "kpi": "3"}
            assert "was added successfully" in admin.submit("/admin/mergeflow/simulator/add/", simulator).text
        ran = mergeflow("sync", "django", "--database", database, "--push", cwd=repository)
    assert ran.code == 0, ran.err
    assert git(repository, "log", "-1", "--format=%s", "sync-django") == "Add simulator 3, as the site has it\n"
    git(repository, "switch", "-q", "main")
    before = built(repository)
    assert sorted(before) == ["simulator_1_dag", "simulator_2_dag"]
    git(repository, "merge", "-q", "sync-django")
    assert mergeflow("check", cwd=repository).code == 0
    assert built(repository) == {**before, "simulator_3_dag": "Square 🎲, of 'Ada': value ** 2"}
    git(repository, "revert", "--no-edit", "HEAD")
    assert built(repository) == before
