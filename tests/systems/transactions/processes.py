"""The scripts in processes of their own, which are forks of one that has imported what takes long.

Only the start is spared: what runs, its environment, its end by a signal and all that it shares with others are those
of any process. A script that is started as a task starts it is run in `test_live.py`.
"""

import os
import runpy
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing import forkserver, get_context
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SCRIPTS = ROOT / "dags" / "scripts" / "transactions"
IMPORTED = [
    "airflow.sdk.execution_time.task_runner",
    "callables.transactions.generator",
    "callables.transactions.labels",
    "mergeflow.airflow.connections",
    "psycopg",
    "pymysql",
]
PATIENCE = 60.0
"""Seconds."""


class Script:
    """A script that runs; `code` goes before it, with these names in its globals."""

    def __init__(self, name: str, environment: Mapping[str, str], output: Path, code: str = "") -> None:
        arguments = str(SCRIPTS / f"{name}.py"), dict(environment), str(output), code
        self._output = output
        self._process = get_context("forkserver").Process(target=_run, args=arguments)
        with _importable():
            forkserver.ensure_running()
        self._process.start()

    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.is_alive()

    def ended(self) -> tuple[int, str]:
        """Wait for its end; the exit code, or the signal's negative number, and all that it has printed."""
        self._process.join(PATIENCE)
        code = self._process.exitcode
        if code is None:
            self._process.kill()
            self._process.join()
        self._process.close()
        said = self._output.read_text()
        assert code is not None, f"no end within {PATIENCE:.0f} s:\n{said}"
        return code, said


@contextmanager
def _importable() -> Iterator[None]:
    """The forked process finds the callables; `forkserver` passes it no path before Python 3.12."""
    former = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "dags"), *filter(None, [former])])
    forkserver.set_forkserver_preload(IMPORTED)
    try:
        yield
    finally:
        if former is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = former


def _run(script: str, environment: dict[str, str], output: str, code: str) -> None:
    """What the fork does."""
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [script]
    if code:
        exec(code, {"__name__": "probe"})  # noqa: S102 - the test's own
    runpy.run_path(script, run_name="__main__")
