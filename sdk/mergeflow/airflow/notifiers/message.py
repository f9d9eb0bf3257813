"""What an alert says, in words: as a line, as text, as HTML and as JSON."""

import html
import logging
import os
from dataclasses import dataclass
from typing import Any

from airflow.sdk import Context
from airflow.sdk.log import redact  # type: ignore[attr-defined] # where Airflow's own log has it from

from mergeflow.airflow.notifiers.origin import origin

MOST_LINES = 12
MOST_CHARACTERS = 2000
"""Of an error; the log has all of it."""

_SUBJECTS = {
    "on_failure": "Failed",
    "on_retry": "Will be retried",
    "on_success": "Succeeded",
    "on_warning": "Data warning",
}
_STATES = {"on_failure": "failed", "on_retry": "up_for_retry", "on_success": "success", "on_warning": "warning"}
_LEVELS = {
    "on_failure": logging.ERROR,
    "on_retry": logging.WARNING,
    "on_success": logging.INFO,
    "on_warning": logging.WARNING,
}


@dataclass(frozen=True)
class Message:
    """What has happened to one try of a task; `origin` is where a config says it, as path and line."""

    moment: str
    environment: str
    dag_id: str
    task_id: str
    map_index: int
    label: str
    run_id: str
    try_number: int
    tries: int
    log_url: str
    origin: str
    error: str = ""
    report_url: str = ""
    """Of a task that holds data against a suite."""

    @property
    def level(self) -> int:
        """How grave it is, as Python's log has it."""
        return _LEVELS[self.moment]

    @property
    def subject(self) -> str:
        """`[prod] Failed: orders.load (try 2 of 2)`."""
        where = f"[{self.environment}] " if self.environment else ""
        mapped = f" [{self.label}]" if self.label else ""
        return f"{where}{_SUBJECTS[self.moment]}: {self.dag_id}.{self.task_id}{mapped} ({self.tried})"

    @property
    def tried(self) -> str:
        """Which try of how many it was."""
        return f"try {self.try_number} of {self.tries}"

    @property
    def line(self) -> str:
        """All of it in one line."""
        error = f": {self.error.splitlines()[0]}" if self.error else ""
        return f"{self.subject}{error}; run {self.run_id}, {self.origin}"

    @property
    def sentence(self) -> str:
        """What has happened, for somebody who has never seen Airflow."""
        task = f"Task {self.task_id} of DAG {self.dag_id}"
        if self.moment == "on_success":
            return f"{task} has succeeded."
        if self.moment == "on_warning":
            return f"{task} has found data that is not as expected, and has not failed."
        later = "will be tried again" if self.moment == "on_retry" else "will not be tried again"
        return f"{task} has failed, and {later}."

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What there is to know, in the order of interest."""
        pairs = [
            ("Data" if self.moment == "on_warning" else "Error", self.error),
            ("Report", self.report_url),
            ("Log", self.log_url),
            ("Config", self.origin),
            ("DAG", self.dag_id),
            ("Task", f"{self.task_id} [{self.label}]" if self.label else self.task_id),
            ("Run", self.run_id),
            ("Try", f"{self.try_number} of {self.tries}"),
            ("Environment", self.environment),
        ]
        return [(name, value) for name, value in pairs if value]

    @property
    def text(self) -> str:
        """A mail's plain text."""
        lines = (f"{name + ':':<13}{value.replace(chr(10), chr(10) + ' ' * 13)}" for name, value in self.facts)
        return "\n".join([self.sentence, "", *lines, ""])

    @property
    def html(self) -> str:
        """A mail's HTML."""
        rows = "".join(_row(name, value) for name, value in self.facts)
        return f"<p>{html.escape(self.sentence)}</p>\n<table>\n{rows}</table>\n"

    @property
    def json(self) -> dict[str, Any]:
        """What a webhook gets; chats show its `text`."""
        first, _, _ = self.error.partition("\n")
        return {
            "text": "\n".join(filter(None, (self.subject, first, self.report_url or self.log_url))),
            "state": _STATES[self.moment],
            "dag_id": self.dag_id,
            "task_id": self.task_id,
            "map_index": self.map_index,
            "run_id": self.run_id,
            "try_number": self.try_number,
            "tries": self.tries,
            "error": self.error,
            "log_url": self.log_url,
            "report_url": self.report_url,
            "config": self.origin,
            "environment": self.environment,
        }


def message_of(moment: str, context: Context, path: str) -> Message:
    """What there is to say of the task of a context; `path` is the config of its DAG."""
    ti: Any = context["ti"]
    task: Any = context.get("task") or ti.task
    tries = max(ti.try_number, (getattr(ti, "max_tries", None) or 0) + 1)
    index = -1 if ti.map_index is None else int(ti.map_index)
    return Message(
        moment,
        os.environ.get("MERGEFLOW_ENV", ""),
        ti.dag_id,
        ti.task_id,
        index,
        "" if index < 0 else str(getattr(ti, "rendered_map_index", None) or index),
        ti.run_id,
        ti.try_number,
        tries,
        ti.log_url,
        origin(getattr(task.dag, "fileloc", ""), path, ti.dag_id, ti.task_id),
        "" if moment == "on_success" else _error(context.get("exception")),
        _report_url(task, ti, index),
    )


def _report_url(task: Any, ti: Any, map_index: int) -> str:
    """The page of what was found in the data, where a task looks at data."""
    if getattr(task, "task_type", "") != "ExpectationsOperator":
        return ""
    from mergeflow.airflow.reports import address
    from mergeflow.quality.reports import Try

    return address(Try(ti.dag_id, ti.task_id, ti.run_id, map_index, ti.try_number))


def _error(error: object) -> str:
    """The beginning of an error, with secrets as they are in logs; Airflow knows none for a process that was killed."""
    if error is None:
        return "the task's process ended without a word; its log may have more"
    said = str(error).strip()
    name = type(error).__name__ if isinstance(error, BaseException) else ""
    text = str(redact(": ".join(filter(None, (name, said)))))
    lines = text.splitlines()
    short = "\n".join(line.rstrip() for line in lines[:MOST_LINES])
    cut = len(lines) > MOST_LINES or len(short) > MOST_CHARACTERS
    return f"{short[:MOST_CHARACTERS]}\n…" if cut else short


def _row(name: str, value: str) -> str:
    shown = html.escape(value)
    if name in ("Log", "Report"):
        shown = f'<a href="{shown}">{shown}</a>'
    elif name in ("Data", "Error"):
        shown = f"<pre>{shown}</pre>"
    return f'<tr><th align="left" valign="top">{name}</th><td>{shown}</td></tr>\n'
