"""What a task's start costs in the worker before the task runs: the bundle of its commit, and its DAG.

`python -m tests.benchmarks.start` prints both for Airflow's Git bundle and for Mergeflow's, in milliseconds of CPU
(own and children's) and of the clock. It does what Airflow's task runner does, in forks of a process that has imported
what the scheduler has: the LocalExecutor forks for each task.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, pairwise
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from time import perf_counter

ROUNDS = 21
BUNDLES = ("airflow.providers.git.bundles.git.GitDagBundle", "mergeflow.airflow.bundle.ConfigBundle")
STUB = 'from mergeflow.airflow import load_dags\n\nload_dags(globals(), "payments")\n'
CONFIG = """\
fx:
  schedule: null
  start_date: 2024-01-01
  tasks:
    rates:
      operator: airflow.providers.standard.operators.bash.BashOperator
      bash_command: "true"
"""


def main() -> None:
    """Measure both bundles, each in a process of its own: Airflow reads its settings once."""
    with tempfile.TemporaryDirectory() as folder:
        origin = _origin(Path(folder, "origin"))
        print(f"medians of {ROUNDS} starts, ms         CPU  clock")
        for classpath in BUNDLES:
            command = [sys.executable, "-m", "tests.benchmarks.start", classpath, str(origin)]
            subprocess.run(command, check=True, env=_environment(Path(folder), origin, classpath))


def measure(classpath: str, origin: Path) -> None:
    """Print one bundle's lines."""
    version = _git(origin, "rev-parse", "HEAD")
    import airflow.sdk.execution_time.task_runner  # noqa: F401 - as the scheduler has
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import BundleDagBag

    import mergeflow.airflow.plugin  # noqa: F401 - as every component of Airflow has

    def start() -> Iterator[str]:
        with _parsing("fx"):
            yield "bundle"
            bundle = DagBundlesManager().get_bundle(name="fleet", version=version)
            bundle.initialize()
            yield "DAG"
            stub = str(bundle.path / "payments.py")
            bag = BundleDagBag(
                dag_folder=stub, safe_mode=False, load_op_links=False, bundle_path=bundle.path, bundle_name="fleet"
            )
            yield "over" if list(bag.dags) == ["fx"] else "lost"

    _in_fork(start)  # makes the version
    rounds = [_in_fork(start) for _ in range(ROUNDS)]
    name = classpath.rpartition(".")[2]
    for what in rounds[0]:
        cpu, clock = (statistics.median(each[what][index] for each in rounds) for index in (0, 1))
        print(f"{name:>13}: {what:<16} {cpu:8.1f} {clock:6.1f}", flush=True)


def _in_fork(start: Callable[[], Iterator[str]]) -> dict[str, tuple[float, float]]:
    """What each step took, in ms of CPU and of the clock."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        seen = [(step, _cpu(), perf_counter()) for step in start()]
        steps = {
            step: (1000 * (after[1] - cpu), 1000 * (after[2] - clock)) for (step, cpu, clock), after in pairwise(seen)
        }
        os.write(writing, json.dumps(steps if seen[-1][0] == "over" else {}).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(pid, 0)
    steps = json.loads(text or "{}")
    if not steps:
        raise RuntimeError("a start failed")
    return {step: (cpu, clock) for step, (cpu, clock) in steps.items()}


def _cpu() -> float:
    return sum(chain.from_iterable(getrusage(who)[:2] for who in (RUSAGE_SELF, RUSAGE_CHILDREN)))


@contextmanager
def _parsing(dag_id: str) -> Iterator[None]:
    from airflow.sdk.definitions._internal.dag_parsing_context import _airflow_parsing_context_manager

    with _airflow_parsing_context_manager(dag_id=dag_id, task_id="rates"):
        yield


def _origin(folder: Path) -> Path:
    for path, text in {"dags/payments.py": STUB, "configs/payments/fx.yaml": CONFIG}.items():
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_text(text)
    _git(folder, "init", "-q", "-b", "main")
    _git(folder, "add", "-A")
    _git(folder, "-c", "user.name=b", "-c", "user.email=b@example.org", "commit", "-q", "-m", "fleet")
    return folder


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True, text=True).stdout.strip()


def _environment(home: Path, origin: Path, classpath: str) -> dict[str, str]:
    kwargs = {"repo_url": str(origin), "tracking_ref": "main", "subdir": "dags"}
    own = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH": str(home / classpath),
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(
            [{"name": "fleet", "classpath": classpath, "kwargs": kwargs}]
        ),
        "AIRFLOW_CONN_GIT_DEFAULT": json.dumps({"conn_type": "git"}),
    }
    return {**{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}, **own}


if __name__ == "__main__":
    if sys.argv[1:]:
        measure(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
