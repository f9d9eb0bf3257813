"""Alerts inside Airflow: one notifier per DAG and moment, on every task, beside the callbacks that are there.

The modules that send are imported only when there is something to send: a parse costs no mail library.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from airflow.sdk import DAG, Context

from mergeflow.airflow.notifiers.notifier import Notifier
from mergeflow.alerts import ON_WARNING

__all__ = ["Notifier", "attach", "warn"]

_OF_WARNINGS = "mergeflow_on_warning"
"""The attribute of a DAG for what Airflow has no callback for."""


def attach(dag: DAG, alerts: Mapping[str, Sequence[Mapping[str, Any]]], path: str) -> None:
    """Let every task of a DAG tell of its failures, retries and successes what a compiled DAG's `alerts` say.

    `path` is the DAG's config. A task's own callbacks stay, and come first: Airflow calls each, whatever another does.
    """
    warnings = alerts.get(ON_WARNING, alerts.get("on_failure"))
    if warnings:
        setattr(dag, _OF_WARNINGS, Notifier(ON_WARNING, warnings, path))
    for moment, listed in alerts.items():
        if moment == ON_WARNING:
            continue
        key, notifier = f"{moment}_callback", Notifier(moment, listed, path)
        for task in dag.tasks:
            setattr(task, key, [*getattr(task, key), notifier])


def warn(dag: DAG, context: Context, said: str) -> None:
    """Send a DAG's alerts of a warning: a task has something to say and does not fail. Raises nothing."""
    notifier = getattr(dag, _OF_WARNINGS, None)
    if notifier is not None:
        notifier({**context, "exception": said})
