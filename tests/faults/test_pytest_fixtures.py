"""The fixtures of a repository's own tests, in a copy of this project, and `pytest configs/` with its worker."""

import shutil
from pathlib import Path

import pytest

from mergeflow.airflow.testing.home import CACHE
from tests.conftest import ROOT
from tests.testing import test_configs
from tests.testing.test_plugin import run_pytest, write

DOCUMENTED = (ROOT / "docs/pytest.md").read_text().split("```python\ndef test_every")[1].split("```")[0]

TESTS = """
    import sys

    import pytest


    def test_compiled(compiled):
        assert "generate_transaction_and_labels" in compiled
        assert "airflow" not in sys.modules


    def test_frame(frame):
        assert list(frame("cases.csv").columns) == ["a", "b"]
        assert "airflow" not in sys.modules


    def test_frame_of_nothing(frame):
        frame("nowhere.csv")


    def test_no_such_dag(run_dag):
        run_dag("generate_transaction_and_label")


    def test_dag_bag(dag_bag):
        assert not dag_bag.import_errors
        assert "generate_transaction_and_labels" in dag_bag.dags
    """


shop = test_configs.root
"""A repository with a good file and a broken one."""


def share_cache(root: Path) -> None:
    """Let Airflow's database be made only once."""
    kept = ROOT / CACHE
    kept.mkdir(exist_ok=True)
    (root / CACHE).symlink_to(kept)


@pytest.fixture(autouse=True)
def fleet() -> None:
    """In place of the one that all faults happen to: these tests have an Airflow of their own."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("configs", "dags", "validators"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    share_cache(tmp_path)
    write(tmp_path, {"cases.csv": "a,b\n1,2\n", "pytest.ini": "[pytest]\n", "test_own.py": TESTS})
    (tmp_path / "test_run.py").write_text(f"def test_every{DOCUMENTED}")
    return tmp_path


def test_what_the_docs_show_runs(root: Path) -> None:
    done = run_pytest(root, "-rA", "test_own.py", "test_run.py")
    assert "4 passed" in done.stdout, done.stdout + done.stderr
    assert "file `nowhere.csv` cannot be read: no such file or directory" in done.stdout
    assert "there is no DAG `generate_transaction_and_label` in configs/: did you mean" in done.stdout
    assert "2 failed" in done.stdout


def test_the_worker_tests_what_is_left_and_this_process_imports_no_airflow(shop: Path) -> None:
    conftest = """
        import sys

        def pytest_sessionfinish():
            assert "airflow" not in sys.modules
        """
    write(shop, {"conftest.py": conftest})
    share_cache(shop)
    done = run_pytest(shop, "configs", "-k", "not torn and (integrity or tests)", "-v")
    assert "good.yaml::orders::integrity PASSED" in done.stdout, done.stdout + done.stderr
    assert "good.yaml::refunds::integrity PASSED" in done.stdout
    assert "broken.yaml::returns::integrity FAILED" in done.stdout
    assert "tests::check FAILED" in done.stdout or "tests.check FAILED" in done.stdout
    assert "configs/shop/good.yaml:7: " in done.stdout
    assert "AssertionError" not in done.stdout + done.stderr
