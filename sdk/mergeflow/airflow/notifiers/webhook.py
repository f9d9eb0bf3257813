"""A small JSON to somebody's server: a chat, an on-call service, a script."""

from collections.abc import Mapping
from typing import Any

from airflow.providers.http.hooks.http import HttpHook

from mergeflow.airflow.notifiers.message import Message

TIMEOUT = 10
"""Seconds for an answer."""


class RefusedError(Exception):
    """The server has answered, and has not taken it."""


def send(webhook: Mapping[str, Any], message: Message) -> None:
    """POST the message. Raises RefusedError, or whatever goes wrong with the connection.

    Not by the hook's own `run`: it logs whole URLs, and follows redirects with the connection's password.
    """
    hook = HttpHook(method="POST", http_conn_id=webhook["connection"])
    session = hook.get_conn()
    url = hook.url_from_endpoint(webhook.get("path") or None)
    response = session.post(url, json=message.json, timeout=TIMEOUT, allow_redirects=False)
    if not response.ok or response.is_redirect:
        raise RefusedError(f"the answer was {response.status_code} {response.reason}")
