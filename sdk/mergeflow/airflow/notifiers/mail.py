"""A mail by Airflow's SmtpNotifier, with words that a person understands, and an end to waiting."""

import logging
from collections.abc import Mapping
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from functools import cached_property
from typing import Any

from airflow.providers.smtp.hooks.smtp import SmtpHook
from airflow.providers.smtp.notifications.smtp import SmtpNotifier
from airflow.sdk import Context

from mergeflow.airflow.notifiers.message import Message

TIMEOUT = 10
"""Seconds for each answer of the server, unless its connection says less."""

log = logging.getLogger(__name__)


def send(alert: Mapping[str, Any], message: Message, context: Context) -> None:
    """Send one mail to all its addresses. Raises whatever goes wrong with the connection or the server."""
    given = alert.get("subject")
    notifier = _Mail(
        text=message.text,
        to=alert["email"],
        subject=_rendered(given, message, context) if given else message.subject,
        html_content=message.html,
        mime_subtype="alternative",
        smtp_conn_id=alert.get("connection", "smtp_default"),
    )
    # not called but asked to notify: what an error says must not be rendered as a template
    notifier.notify(context)


def _rendered(subject: str, message: Message, context: Context) -> str:
    """The config's own subject, in one line; Mergeflow's where its Jinja fails."""
    try:
        task: Any = context["task"]
        return " ".join(str(task.render_template(subject, context)).split())
    except Exception as error:  # noqa: BLE001 - a mail with another subject is better than none
        log.warning("the subject %r of an alert cannot be rendered: %s", subject, error)
        return message.subject


class _Hook(SmtpHook):
    """Adds a part in plain text, and bounds what may be waited for: by default it is 30 seconds, six times."""

    def __init__(self, text: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.text = text

    @property
    def timeout(self) -> int:
        return min(super().timeout, TIMEOUT)

    @property
    def smtp_retry_limit(self) -> int:
        return min(super().smtp_retry_limit, 1)

    def get_conn(self) -> SmtpHook:
        try:
            return super().get_conn()
        except BaseException:
            if self._smtp_client:
                self._smtp_client.close()  # a login that is refused leaves it open
            raise

    def _build_mime_message(self, *args: Any, **kwargs: Any) -> tuple[MIMEMultipart, list[str]]:
        message, recipients = super()._build_mime_message(*args, **kwargs)
        parts = message.get_payload()
        # the richest part is the last, says RFC 2046
        message.set_payload([MIMEText(self.text, "plain", "utf-8"), *parts])
        return message, recipients


class _Mail(SmtpNotifier):
    def __init__(self, *, text: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.text = text

    @cached_property
    def hook(self) -> SmtpHook:
        return _Hook(self.text, smtp_conn_id=self.smtp_conn_id, auth_type=self.auth_type)
