"""The operator of the task type `http`, against a real local server."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException
from requests.exceptions import RequestException

from mergeflow.airflow.operators.http import JsonHttpOperator

Ask = Callable[..., Any]


class Echo(BaseHTTPRequestHandler):
    """Answers in the way that the path asks for, and remembers the request."""

    seen: dict[str, Any]

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        kind = self.headers["Content-Type"]
        type(self).seen = {"method": self.command, "path": self.path, "body": body, "kind": kind}
        self.seen["authorization"], self.seen["accept"] = self.headers["Authorization"], self.headers["Accept"]
        status = int(self.path.split("/")[1].split("?")[0])
        text = {204: "", 500: "x" * 2000}.get(status, '{"ok": true}')
        self.send_response(status)
        self.send_header("Content-Type", "application/problem+json" if status != 202 else "text/plain")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode() if self.command != "HEAD" else b"")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer  # noqa: N815 - the names of the library

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the standard library
        del format, args


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def ask(port: int, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Execute the operator once, with the server's connection."""
    connection = {"conn_type": "http", "host": "127.0.0.1", "port": port, "login": "me", "password": "secret"}
    monkeypatch.setenv("AIRFLOW_CONN_API", json.dumps(connection))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    def execute(path: str, method: str = "GET", **arguments: Any) -> Any:
        task = JsonHttpOperator(task_id="ask", http_conn_id="api", endpoint=path, method=method, **arguments)
        return task.execute({})  # type: ignore[typeddict-item]

    return execute


def test_json_is_sent_as_json_and_read_as_json(ask: Ask) -> None:
    assert ask("/201", "POST", json={"a": None, "b": [1]}, query={"day": "1&2"}) == {"ok": True}
    assert json.loads(Echo.seen["body"]) == {"a": None, "b": [1]}
    assert (Echo.seen["kind"], Echo.seen["path"]) == ("application/json", "/201?day=1%262")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "HEAD"])
def test_every_method_has_its_query_and_its_login(method: str, ask: Ask) -> None:
    ask("/200", method, query={"a": "b c"}, headers={"Accept": "text/x"})
    assert (Echo.seen["method"], Echo.seen["path"]) == (method, "/200?a=b+c")
    assert Echo.seen["authorization"].startswith("Basic ")
    assert Echo.seen["accept"] == "text/x"


@pytest.mark.parametrize(("body", "sent"), [([], "[]"), ({}, "{}"), (None, "")])
def test_an_empty_body_is_a_body(body: Any, sent: str, ask: Ask) -> None:
    ask("/200", "POST", json=body)
    assert Echo.seen["body"] == sent


def test_what_is_no_json_is_text(ask: Ask) -> None:
    assert ask("/202") == '{"ok": true}'
    assert not ask("/204")


@pytest.mark.parametrize(("status", "right"), [(404, [200, 404]), (409, [409]), (500, [500])])
def test_an_expected_status_is_right_whatever_it_is(status: int, right: list[int], ask: Ask) -> None:
    if status == 500:
        with pytest.raises(RequestException, match="Expecting value"):
            ask(f"/{status}", status=right)  # it calls itself JSON, and is none
    else:
        assert ask(f"/{status}", status=right) == {"ok": True}


@pytest.mark.parametrize(("status", "right"), [(404, []), (500, []), (200, [201]), (304, [])])
def test_an_unexpected_one_fails_and_says_what_the_service_answered(status: int, right: list[int], ask: Ask) -> None:
    with pytest.raises(AirflowException, match=rf"^GET /{status}: {status} ") as raised:
        ask(f"/{status}", status=right)
    assert len(str(raised.value)) < 600
    assert "secret" not in str(raised.value)


def test_a_service_that_is_down_fails_the_task(ask: Ask, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    del port
    monkeypatch.setenv("AIRFLOW_CONN_API", json.dumps({"conn_type": "http", "host": "127.0.0.1", "port": 1}))
    with pytest.raises(RequestException):
        ask("/200")
