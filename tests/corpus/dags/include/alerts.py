"""Callbacks, as a function, as one with arguments of its own, and as a notifier."""

from typing import Any

from airflow.sdk import BaseNotifier


def tell_nobody(context: dict[str, Any]) -> None:
    """Take the context and do nothing."""


def tell(context: dict[str, Any], channel: str, text: str) -> None:
    """Tell a channel."""


class PagerNotifier(BaseNotifier):
    """Wakes somebody."""

    template_fields = ("message",)

    def __init__(self, message: str) -> None:
        super().__init__()
        self.message = message

    def notify(self, context: Any) -> None:
        """Called by Airflow with the message rendered."""
