"""A repository with one DAG for each thing that a task may do to a pipeline test, and what runs their tests."""

from pathlib import Path

import yaml

from mergeflow.airflow.testing import pipeline
from mergeflow.pipeline_tests import tests_of, variants
from mergeflow.tested import Tested
from mergeflow.workspace import select

PYTHON = "airflow.providers.standard.operators.python.PythonOperator"
BASH = "airflow.providers.standard.operators.bash.BashOperator"
CACHE = Path(__file__).parents[3] / ".mergeflow"
SAMPLE = "validators/samples/team/orders.csv"

CODE = '''
import os, signal, subprocess, sys, time
from pathlib import Path

from airflow.sdk import Connection, Variable
from sqlalchemy import text

from mergeflow.airflow.connections import engine


def load(date, amount=1):
    """Store one order, and a report of all."""
    with engine("orders_db").begin() as connection:
        row = {"amount": amount, "at": date}
        connection.execute(text("INSERT INTO orders (amount, at) VALUES (:amount, :at)"), row)
        count = connection.execute(text("SELECT COUNT(*) FROM orders")).scalar()
    (Path(Connection.get("out").extra_dejson["path"]) / "report.csv").write_text(f"orders\\n{count}\\n")
    print("stored for", Variable.get("region"))


def second_try(folder):
    """Fail at the first try."""
    tried = Path("tried")
    if not tried.exists():
        tried.touch()
        raise ValueError("the site is busy")


def raises(secret="x"):
    print("looking for the orders")
    raise ValueError("no such column: amount")


def leaves():
    sys.exit(0)


def quits():
    print("about to quit")
    os._exit(0)


def killed():
    os.kill(os.getpid(), signal.SIGKILL)


def hangs(pids):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    left = subprocess.Popen(["sleep", "300"], start_new_session=True)
    Path(pids).write_text(str(left.pid))
    print("waiting for ever")
    time.sleep(300)


def floods():
    for _ in range(1600):
        os.write(1, b"x" * 65535 + b"\\n")
    raise ValueError("after the flood")


def knows():
    """What of the developer's machine is to be seen."""
    assert not [name for name in os.environ if name.startswith(("AIRFLOW_CONN_THEIRS", "AIRFLOW_VAR_THEIRS"))]
    try:
        Connection.get("theirs")
    except Exception as error:
        print(f"not there: {type(error).__name__}")
    else:
        raise ValueError("the developer's connection is there")
    Path("here").write_text("the working directory is the test's")
'''


def dag(function: str, test: dict[str, object], **kwargs: object) -> dict[str, object]:
    """A DAG of one task `load` that calls a function, and its one test `run`."""
    task = {"operator": PYTHON, "python_callable": f"callables.team.{function}", "op_kwargs": kwargs}
    return {
        "schedule": "*/30 * * * *",
        "start_date": "2026-01-01",
        "default_args": {"owner": "team", "retry_delay": 300},
        "tests": {"run": test},
        "tasks": {"load": task},
    }


def write(root: Path, dags: dict[str, dict[str, object]]) -> None:
    """Write a repository of these DAGs, each in a file of its own."""
    files = {f"configs/team/{dag_id}.yaml": yaml.safe_dump({dag_id: each}) for dag_id, each in dags.items()}
    files |= {
        "dags/team.py": 'from mergeflow.airflow import load_dags\n\nload_dags(globals(), "team")\n',
        "dags/callables/__init__.py": "",
        "dags/callables/team.py": CODE,
        SAMPLE: "amount,at\n9.5,2026-01-01T10:00:00\n-3,2026-01-02T10:00:00\n",
    }
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)
    # Airflow's database is made once, not for each repository.
    CACHE.mkdir(exist_ok=True)
    if not (root / CACHE.name).exists():
        (root / CACHE.name).symlink_to(CACHE)


def run(root: Path, dag_id: str, scratch: Path) -> list[Tested]:
    """Run the tests of a DAG, each in all its variants."""
    found = (each for each in select(root, []).project.dags if each.dag_id == dag_id)
    tests = [variant for each in found for test in tests_of(each) for _, variant in variants(test)]
    assert tests
    return [pipeline.run(root, dag_id, test, scratch / f"{number}") for number, test in enumerate(tests)]


def files_of(root: Path) -> dict[str, bytes]:
    """All files of a repository, without the cache that it ignores."""
    paths = (path for path in root.rglob("*") if path.is_file() and ".mergeflow" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
