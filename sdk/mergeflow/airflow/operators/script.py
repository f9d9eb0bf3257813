"""Run a script of the repository as a process of its own, with a list of arguments: no shell reads what it is given."""

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from subprocess import TimeoutExpired
from typing import Any

from airflow.providers.standard.hooks.subprocess import SubprocessHook
from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from airflow.sdk.execution_time.context import context_to_airflow_vars

from mergeflow.airflow.reading import dags_of

SCRIPTS = "scripts"
"""The folder of `dags/` that holds them."""
_PATIENCE = 5.0
"""Seconds that a cancelled script has for leaving in order."""


class ScriptOperator(BaseOperator):
    """Run a shell or Python script of `dags/scripts/`. Airflow's BashOperator would give a text to a shell.

    The last line of its output is the task's XCom. An exit code other than 0 fails the task.

    :param path: the script, relative to `dags/scripts/`: `.sh` is run by bash, `.py` by this Python.
    :param arguments: what it gets as `$1`, `$2` and so on.
    :param env: environment variables, beside those of the worker.
    """

    template_fields = ("arguments", "env")
    template_fields_renderers = {"env": "json"}  # noqa: RUF012 - as Airflow declares it
    ui_color = "#f0ede4"

    def __init__(
        self, *, path: str, arguments: Sequence[str] = (), env: Mapping[str, str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.path = path
        self.arguments = list(arguments)
        self.env = dict(env or {})
        self._hook: SubprocessHook | None = None

    def execute(self, context: Context) -> str:
        """Return the last line of the output. Raises AirflowException for a script that failed."""
        command = [*self._interpreter(), str(self._script()), *map(str, self.arguments)]
        told = context_to_airflow_vars(context, in_env_var_format=True)
        self._hook = SubprocessHook()
        done = self._hook.run_command(command, env={**os.environ, **told, **self.env})
        if done.exit_code != 0:
            raise AirflowException(f"{self.path} ended with exit code {done.exit_code}")
        return str(done.output)

    def on_kill(self) -> None:
        """End the script and whatever it has started: first gently, then surely."""
        process = self._hook.sub_process if self._hook else None
        if process is None or process.poll() is not None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with suppress(TimeoutExpired):
            process.wait(_PATIENCE)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    def _interpreter(self) -> list[str]:
        return [sys.executable, "-u"] if self.path.endswith(".py") else ["bash"]

    def _script(self) -> Path:
        """The script's file. Raises AirflowFailException where there is none: trying again would not help."""
        folder = dags_of(self.get_dag().fileloc) / SCRIPTS  # type: ignore[union-attr]
        script = folder / self.path
        if not script.resolve().is_relative_to(folder.resolve()) or not script.is_file():
            raise AirflowFailException(f"there is no script dags/{SCRIPTS}/{self.path} in this version of the bundle")
        return script
