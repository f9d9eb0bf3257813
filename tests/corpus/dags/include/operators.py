"""Operators of a repository's own."""

from typing import Any

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import BaseOperator


class ToastOperator(BaseOperator):
    """Makes toast."""

    template_fields = ("spread",)

    def __init__(self, *, slices: int, spread: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.slices = slices
        self.spread = spread


class TimedPythonOperator(PythonOperator):
    """A PythonOperator by another name, which dag-factory must still give its callable."""
