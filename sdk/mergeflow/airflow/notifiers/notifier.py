"""What Airflow calls when a task has failed, will be retried, or has succeeded: it sends all alerts of that moment."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from airflow.sdk import Context

log = logging.getLogger(__name__)


class Notifier:
    """Sends the alerts of one moment (`on_failure` and so on), each whatever becomes of the others.

    An alert that cannot be sent is a line in the task's log, and nothing else: the task's result is what counts.
    """

    def __init__(self, moment: str, alerts: Sequence[Mapping[str, Any]], path: str) -> None:
        self.moment = moment
        self.alerts = tuple(alerts)
        self.path = path

    def __repr__(self) -> str:
        """As Airflow's log names it."""
        return f"{type(self).__name__}({self.moment!r}, {len(self.alerts)} alerts of {self.path})"

    def __call__(self, context: Context) -> None:
        """Send all alerts; raises nothing."""
        try:
            from mergeflow.airflow.notifiers.message import message_of

            message = message_of(self.moment, context, self.path)
        except Exception:
            log.exception("no alert sent: nothing could be found out about the task")
            return
        for alert in self.alerts:
            if "log" in alert:
                log.log(message.level, "ALERT %s", message.line)
                continue
            target = _target(alert)
            try:
                self._send(alert, message, context)
            except Exception as error:  # noqa: BLE001 - whatever a server, a library or a connection does
                log.error("alert not sent: %s: %s", target, _reason(error))  # noqa: TRY400 - one line says it all
            else:
                log.info("alert sent: %s", target)

    @staticmethod
    def _send(alert: Mapping[str, Any], message: Any, context: Context) -> None:
        if "email" in alert:
            from mergeflow.airflow.notifiers import mail

            mail.send(alert, message, context)
        else:
            from mergeflow.airflow.notifiers import webhook

            webhook.send(alert["webhook"], message)


def _target(alert: Mapping[str, Any]) -> str:
    """Where an alert goes, without the path of a webhook, which may be its secret."""
    if "email" not in alert:
        return f"webhook of connection `{alert['webhook']['connection']}`"
    to = alert["email"] if isinstance(alert["email"], str) else ", ".join(alert["email"])
    return f"mail to {to} by connection `{alert.get('connection', 'smtp_default')}`"


def _reason(error: Exception) -> str:
    """Why, in one line; what requests says names the whole URL, so of its errors only the name."""
    from requests import RequestException

    if isinstance(error, RequestException):
        return type(error).__name__
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return f"{_one_line(error)} ({_one_line(before)})" if before else _one_line(error)


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
