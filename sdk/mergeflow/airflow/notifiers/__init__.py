"""Alerts inside Airflow: one notifier per DAG and moment, on every task, beside the callbacks that are there.

The modules that send are imported only when there is something to send: a parse costs no mail library.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from airflow.sdk import DAG

from mergeflow.airflow.notifiers.notifier import Notifier

__all__ = ["Notifier", "attach"]


def attach(dag: DAG, alerts: Mapping[str, Sequence[Mapping[str, Any]]], path: str) -> None:
    """Let every task of a DAG tell of its failures, retries and successes what a compiled DAG's `alerts` say.

    `path` is the DAG's config. A task's own callbacks stay, and come first: Airflow calls each, whatever another does.
    """
    for moment, listed in alerts.items():
        key, notifier = f"{moment}_callback", Notifier(moment, listed, path)
        for task in dag.tasks:
            setattr(task, key, [*getattr(task, key), notifier])
