"""A mail server and a webhook that keep what they get, each in a thread of the test."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.services.server import free_port

PASSWORD = "s3cret:p@ss/w%rd#?"


@dataclass
class Mails:
    """A mail server on this machine, and the mails that it has taken."""

    port: int
    received: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep a mail as a mail program would read it."""
        del server, session
        read = cast("EmailMessage", message_from_bytes(envelope.content, policy=default))
        read["X-Recipients"] = ", ".join(envelope.rcpt_tos)
        self.received.append(read)
        return "250 OK"

    def connection(self, **fields: Any) -> str:
        """An Airflow connection to it, as an environment variable has it."""
        extra = {"disable_ssl": True, "disable_tls": True, "from_email": "airflow@example.org"}
        return json.dumps({"conn_type": "smtp", "host": "127.0.0.1", "port": self.port, "extra": extra, **fields})


def body(mail: EmailMessage, kind: str = "plain") -> str:
    """What a mail program shows, of text or HTML."""
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


@contextmanager
def mail_server(*, with_login: bool = False) -> Iterator[Mails]:
    """A running mail server; one with a login takes mails only from who knows PASSWORD."""
    mails = Mails(free_port())
    login: dict[str, Any] = {"auth_required": True, "auth_require_tls": False, "authenticator": _authenticated}
    controller = Controller(mails, hostname="127.0.0.1", port=mails.port, **(login if with_login else {}))
    controller.start()
    try:
        yield mails
    finally:
        controller.stop()


def _authenticated(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
    del server, session, envelope, mechanism
    known = isinstance(given, LoginPassword) and given.password == PASSWORD.encode()
    return AuthResult(success=known, handled=False)


@dataclass
class Hook:
    """A webhook on this machine, what it was sent, and what it answers."""

    port: int = 0
    status: int = 200
    received: list[tuple[str, dict[str, Any], dict[str, str]]] = field(default_factory=list)

    def connection(self, **fields: Any) -> str:
        """An Airflow connection to it."""
        return json.dumps({"conn_type": "http", "host": "127.0.0.1", "schema": "http", "port": self.port, **fields})


@contextmanager
def webhook() -> Iterator[Hook]:
    """A running webhook."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            hook.received.append((self.path, json.loads(sent), dict(self.headers)))
            self.send_response(hook.status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.port = server.server_port
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield hook
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
