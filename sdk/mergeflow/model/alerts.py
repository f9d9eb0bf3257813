"""Alerts: who is told when a task has failed, will be tried again, or has succeeded."""

from typing import Any

from pydantic import Field

from mergeflow.model.base import ConfigModel


class Alerts(ConfigModel):
    """The alerts of a DAG's tasks; an empty list switches off what the defaults have."""

    on_failure: list[Any] = Field([], description="Sent for every task that has failed for good.")
    on_retry: list[Any] = Field([], description="Sent for every try that has failed and is followed by another.")
    on_success: list[Any] = Field([], description="Sent for every task that has succeeded.")
    on_warning: list[Any] = Field(
        [], description="Sent for every task that finds data broken and does not fail; if not given, as on_failure."
    )


class Alert(ConfigModel):
    """One alert: exactly one of `email`, `webhook` and `log`."""

    email: str | list[str] = Field("", description="The address, or addresses, to send a mail to.")
    subject: str = Field("", description="The mail's subject in the place of Mergeflow's; may hold Jinja.")
    connection: str = Field("smtp_default", description="The Airflow connection of the mail server, of type `smtp`.")
    webhook: dict[str, Any] = Field({}, description="Where to POST a small JSON: `{connection: chat, path: /hook}`.")
    log: dict[str, Any] | None = Field(None, description="One line in the task's log: `log: {}`.")


class Webhook(ConfigModel):
    """Where a webhook is."""

    connection: str = Field(description="The Airflow connection, of type `http`.")
    path: str = Field("", description="What follows the connection's host.")
