"""The pytest plugin does nothing where nobody wants it, and makes a DAG where somebody does."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

HOME = tempfile.mkdtemp(prefix="mergeflow-airflow-home-")
"""Of the Airflow that is only imported: one for all, since a new one is written first."""
atexit.register(shutil.rmtree, HOME, ignore_errors=True)

SUITE = {
    "pytest.ini": "[pytest]\naddopts = --strict-config --strict-markers\nfilterwarnings = error\n",
    "test_orders.py": "def test_one(): pass\n\ndef test_two(task_ctx): raise AssertionError\n",
}


def write(root: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(textwrap.dedent(text).lstrip())


def run(root: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, *command], cwd=root, env=clean | environment, capture_output=True, text=True, check=False
    )


def run_pytest(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return run(root, "-m", "pytest", "-p", "no:cacheprovider", *arguments, AIRFLOW_HOME=HOME, **environment)


LISTING = """
    import atexit, pathlib, sys

    def test_one():
        pathlib.Path("modules").write_text("\\n".join(sys.modules))
    """


def test_it_adds_itself_to_what_is_imported_and_no_more(tmp_path: Path) -> None:
    write(tmp_path, {"pytest.ini": SUITE["pytest.ini"], "test_modules.py": LISTING})
    run_pytest(tmp_path, "-p", "no:mergeflow")
    without = set((tmp_path / "modules").read_text().split())
    assert run_pytest(tmp_path).returncode == 0
    added = set((tmp_path / "modules").read_text().split()) - without
    assert added == {"mergeflow", "mergeflow.testing", "mergeflow.testing.plugin"}


def test_a_repository_is_offered_fixtures_without_airflow(tmp_path: Path) -> None:
    files = {"pytest.ini": SUITE["pytest.ini"], "configs/.keep": "", "validators/.keep": ""}
    write(tmp_path, {**files, "test_modules.py": f"{LISTING}\n\n    def test_two(task_ctx): assert task_ctx == {{}}\n"})
    done = run_pytest(tmp_path)
    assert done.returncode == 0, done.stdout
    modules = set((tmp_path / "modules").read_text().split())
    assert "mergeflow.testing.fixtures" in modules
    assert modules.isdisjoint({"airflow", "pydantic", "yaml", "pandas", "mergeflow.project"})


def test_a_project_may_have_options_and_fixtures_of_these_names(tmp_path: Path) -> None:
    conftest = """
        import pytest

        def pytest_addoption(parser):
            for option in ("--source", "--sink", "--dag-id"):
                parser.addoption(option, default="theirs")

        @pytest.fixture
        def frame(request):
            return request.config.getoption("--source")
        """
    test = "def test_one(frame): assert frame == 'x'\n"
    write(tmp_path, {"conftest.py": conftest, "pytest.ini": SUITE["pytest.ini"], "test_theirs.py": test})
    done = run_pytest(tmp_path, "--source", "x")
    assert done.returncode == 0, done.stdout + done.stderr


def test_yaml_is_left_alone(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"configs/shop/orders.yaml": "orders: {}\n", "validators/policy.yaml": "", "test_a.py": "def test_a(): pass\n"},
    )
    assert "1 passed" in run_pytest(tmp_path).stdout


def test_the_command_line_shows_the_dag(tmp_path: Path) -> None:
    write(tmp_path, SUITE)
    done = run_pytest(tmp_path, "--airflow", "--dag-id", "smoke", "--source", "start", "--sink", "report", ".")
    assert done.returncode == 0, done.stdout + done.stderr
    *_, shown = done.stdout.partition("DAG smoke")
    assert shown.splitlines()[1:6] == [
        "",
        "start",
        "    test_orders-test_one  test_orders.py::test_one",
        "    test_orders-test_two  test_orders.py::test_two",
        "report",
    ]


@pytest.mark.parametrize(
    ("files", "arguments", "text", "code"),
    [
        ({"test_orders.py": "import nowhere\n"}, [], "No module named 'nowhere'", 2),
        ({}, ["--source", "x", "--sink", "x"], "there are two tasks `x`", 1),
        ({"conftest.py": "import pytest\n\n@pytest.fixture\ndef dag(): return 3\n"}, [], "gives int, and not a DAG", 1),
    ],
)
def test_the_command_line_fails_where_there_is_no_dag(
    files: dict[str, str], arguments: list[str], text: str, code: int, tmp_path: Path
) -> None:
    write(tmp_path, SUITE | files)
    done = run_pytest(tmp_path, "--airflow", *arguments)
    assert (done.returncode, text in done.stdout) == (code, True), done.stdout + done.stderr


DAG_FILE = """
    import sys
    import pytest
    from airflow.sdk import DAG

    class Theirs:
        @pytest.fixture(scope="session")
        def dag(self, dag_default_args):
            return DAG("theirs", default_args={**dag_default_args, "owner": "shop"})

    plugins = [Theirs()] if "theirs" in sys.argv else []
    dag, source, sink = pytest.main(["-q", "--airflow", "--dag-id", "smoke", sys.argv[1], "-k", "one"], plugins)
    assert isinstance(dag, DAG), dag
    print("MADE", dag.dag_id, source.task_id, sorted(source.downstream_task_ids), sink.task_id)
    print("ASKED", source.asked.paths, source.asked.options, source.asked.root)
    """


def test_a_dag_file_gets_the_dag_from_pytest_main(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"suite/pytest.ini": "[pytest]\n", "suite/test_orders.py": SUITE["test_orders.py"], "dags/smoke.py": DAG_FILE},
    )
    done = run(tmp_path, "dags/smoke.py", f"{tmp_path}/suite/test_orders.py", AIRFLOW_HOME=HOME)
    assert "MADE smoke __pytest_source ['test_orders-test_one'] __pytest_sink" in done.stdout, done.stdout + done.stderr
    assert f"ASKED ('test_orders.py',) ('-q',) {tmp_path}/suite" in done.stdout


def test_a_plugin_of_a_dag_file_may_make_the_dag(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"suite/pytest.ini": "[pytest]\n", "suite/test_orders.py": SUITE["test_orders.py"], "dags/smoke.py": DAG_FILE},
    )
    done = run(tmp_path, "dags/smoke.py", f"{tmp_path}/suite", "theirs", AIRFLOW_HOME=HOME)
    assert "MADE theirs" in done.stdout, done.stdout + done.stderr


def test_a_dag_file_has_an_import_error_in_pytests_words(tmp_path: Path) -> None:
    write(tmp_path, {"suite/test_orders.py": "import nowhere\n", "dags/smoke.py": DAG_FILE})
    done = run(tmp_path, "dags/smoke.py", f"{tmp_path}/suite", AIRFLOW_HOME=HOME)
    assert "SuiteError: " in done.stderr
    assert "No module named 'nowhere'" in done.stderr
