"""The fixtures of a repository's own tests, in the repository of this project, which has two tables to look at."""

import shutil
from pathlib import Path

import pytest

from mergeflow.airflow.testing.home import CACHE
from tests.conftest import ROOT
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


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("configs", "dags", "validators"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    kept = ROOT / CACHE  # where Airflow's database is made only once
    kept.mkdir(exist_ok=True)
    (tmp_path / CACHE).symlink_to(kept)
    write(tmp_path, {"cases.csv": "a,b\n1,2\n", "pytest.ini": "[pytest]\n", "test_own.py": TESTS})
    (tmp_path / "test_run.py").write_text(f"def test_every{DOCUMENTED}")
    return tmp_path


def test_what_the_docs_show_runs(root: Path) -> None:
    done = run_pytest(root, "-rA", "test_own.py", "test_run.py")
    assert "4 passed" in done.stdout, done.stdout + done.stderr
    assert "file `nowhere.csv` cannot be read: no such file or directory" in done.stdout
    assert "there is no DAG `generate_transaction_and_label` in configs/: did you mean" in done.stdout
    assert "2 failed" in done.stdout
