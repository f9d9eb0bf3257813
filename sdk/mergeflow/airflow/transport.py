"""One Airflow over HTTP: log in, exchange JSON, put what goes wrong into one sentence.

Built on `http.client` from the standard library: a command that asks Airflow one question should not first
import an HTTP library for a third of a second, nor send a local request through a proxy that the environment
happens to name.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    Json = dict[str, Any]

PAGE = 100


class AirflowError(Exception):
    """Airflow did not do what was asked. The message is one sentence for a person.

    `status` is the HTTP status, or None when there was no answer at all.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class Connection:
    """One Airflow, one user. Each request takes at most `timeout` seconds, then `AirflowError`.

    With a `token` nobody logs in. No request goes on beyond the `deadline`, a moment of `time.monotonic`.
    """

    def __init__(self, url: str, user: str, password: str, *, timeout: float = 10.0, token: str | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise AirflowError(f"{url!r} is not an http or https address")
        self.url = url.rstrip("/")
        self.timeout = timeout
        self._parts = parts
        self._login = {"username": user, "password": password}
        self._given = token is not None
        self._token = token
        self.deadline: float | None = None

    def pages(self, path: str, key: str, query: Mapping[str, str]) -> list[Json]:
        """Return all rows of a paged list."""
        rows: list[Json] = []
        while True:
            numbers = {"limit": PAGE, "offset": len(rows)}
            page = self.call("GET", f"{path}?{urlencode({**query, **numbers})}")
            rows += page[key]
            if not page[key] or len(rows) >= page["total_entries"]:
                return rows

    def call(self, method: str, path: str, body: Json | None = None, *, login: bool = True) -> Json:
        """Make one request, with a fresh token where the old one has expired."""
        if not login:
            return self._exchange(method, path, body)
        fresh = self._token is None
        if fresh:
            self._log_in()
        try:
            return self._exchange(method, path, body)
        except AirflowError as error:
            if self._given and error.status in {401, 403}:
                raise AirflowError(f"Airflow at {self.url} refuses this token: {error}", error.status) from None
            if fresh or error.status != http.HTTPStatus.UNAUTHORIZED:
                raise
        # The token has expired, or Airflow was started anew with other secrets.
        self._log_in()
        return self._exchange(method, path, body)

    def _log_in(self) -> None:
        self._token = None
        try:
            found = self._exchange("POST", "/auth/token", self._login)
        except AirflowError as error:
            if error.status in {400, 401, 403}:
                user = self._login["username"]
                raise AirflowError(f"Airflow at {self.url} refuses this login for {user}", error.status) from None
            raise
        self._token = str(found["access_token"])

    def _exchange(self, method: str, path: str, body: Json | None) -> Json:
        headers = {"Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        status, text = self._send(method, path, data, headers)
        if status >= 400:
            raise AirflowError(self._refusal(method, path, status, text), status)
        if status >= 300:
            raise AirflowError(
                f"{self.url} sends {path.partition('?')[0]} elsewhere ({status}): to a login page?", status
            )
        try:
            found = json.loads(text or b"{}")
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise AirflowError(f"{self.url} answered {path} with something that is not Airflow's", status)
        return found

    def _send(self, method: str, path: str, data: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Make one request. A server that drips its answer is cut off at the time-out as well."""
        begun = time.monotonic()
        limit = self.timeout if self.deadline is None else min(self.timeout, self.deadline - begun)
        if limit <= 0:
            raise self._too_slow(0)
        end = begun + limit
        connection = self._connect(limit)
        watch: threading.Timer | None = None
        try:
            connection.connect()
            watch = threading.Timer(end - time.monotonic(), _cut_off, (connection.sock,))
            watch.daemon = True
            watch.start()
            connection.request(method, self._parts.path.rstrip("/") + path, data, dict(headers))
            with connection.getresponse() as response:
                text = b""
                while chunk := response.read1(65536):
                    text += chunk
            if time.monotonic() >= end:
                raise self._too_slow(limit)
        except TimeoutError:
            raise self._too_slow(limit) from None
        except (ConnectionRefusedError, socket.gaierror):
            raise AirflowError(f"there is no Airflow at {self.url}") from None
        except (OSError, http.client.HTTPException) as error:
            if time.monotonic() >= end:
                raise self._too_slow(limit) from None
            raise AirflowError(f"the connection to Airflow at {self.url} broke: {error!r}") from None
        else:
            return response.status, text
        finally:
            if watch is not None:
                watch.cancel()
            connection.close()

    def _too_slow(self, limit: float) -> AirflowError:
        return AirflowError(f"Airflow at {self.url} did not answer within {limit:.3g} s")

    def _connect(self, limit: float) -> http.client.HTTPConnection:
        host = self._parts.hostname or ""
        if self._parts.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, self._parts.port, timeout=limit, context=context)
        return http.client.HTTPConnection(host, self._parts.port, timeout=limit)

    def _refusal(self, method: str, path: str, status: int, text: bytes) -> str:
        try:
            detail = json.loads(text)["detail"]
        except (ValueError, KeyError, TypeError):
            detail = None
        if isinstance(detail, str) and detail:
            return f"Airflow answers {status}: {detail}"
        return f"Airflow at {self.url} answers {method} {path.partition('?')[0]} with {status}"


def _cut_off(connected: socket.socket) -> None:
    """End whatever is read from a socket: its own time-out counts anew with each byte."""
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)
