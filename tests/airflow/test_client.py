import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from mergeflow.airflow.client import AirflowClient, AirflowError

DAG = {
    "dag_id": "fx",
    "is_paused": False,
    "is_stale": False,
    "relative_fileloc": "payments.py",
    "bundle_version": "abc",
    "owners": ["payments"],
    "timetable_summary": "@daily",
    "last_parsed_time": "2026-01-01T00:00:00Z",
    "has_import_errors": False,
}
RUN = {
    "dag_id": "fx",
    "dag_run_id": "r1",
    "state": "success",
    "bundle_version": "abc",
    "start_date": None,
    "end_date": None,
}


class FakeAirflow:
    """Answers from a table of `METHOD /path` to (status, body); a callable body is called for it."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, Any]] = {}
        self.asked: list[tuple[str, Any]] = []
        self.tokens = iter(f"token-{n}" for n in range(100))
        self.token = ""
        self.slow = 0.0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                outer.answer(self)

            do_GET = do_POST = do_PATCH = _answer  # noqa: N815 (the base class asks for these names)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        path = request.path.partition("?")[0]
        asked = f"{request.command} {path}"
        self.asked.append((asked, json.loads(body) if body else None))
        status, answer = self._find(asked, request.headers.get("Authorization"), body)
        answer = answer() if callable(answer) else answer
        text = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        request.send_response(status)
        request.send_header("Content-Length", str(len(text)))
        request.end_headers()
        for byte in text if self.slow else ():
            time.sleep(self.slow)
            try:
                request.wfile.write(bytes([byte]))
            except OSError:
                return
        if not self.slow:
            request.wfile.write(text)

    def _find(self, asked: str, authorization: str | None, body: bytes) -> tuple[int, Any]:
        if asked == "POST /auth/token" and asked not in self.answers:
            if json.loads(body)["password"] != "right":
                return 401, {"detail": "Invalid credentials"}
            self.token = next(self.tokens)
            return 201, {"access_token": self.token}
        if asked not in self.answers:
            return 404, {"detail": "Not Found"}
        public = asked.endswith(("/version", "/health", "/token"))
        if not public and authorization != f"Bearer {self.token}":
            return 401, {"detail": "Invalid token"}
        return self.answers[asked]

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def fake() -> Iterator[FakeAirflow]:
    fake = FakeAirflow()
    yield fake
    fake.close()


@pytest.fixture
def client(fake: FakeAirflow) -> AirflowClient:
    return AirflowClient(fake.url, "admin", "right", timeout=60)


@pytest.fixture
def impatient(fake: FakeAirflow) -> AirflowClient:
    return AirflowClient(fake.url, "admin", "right", timeout=0.5)


def failure(call: Callable[[], object]) -> tuple[str, int | None]:
    with pytest.raises(AirflowError) as caught:
        call()
    assert "\n" not in str(caught.value)
    return str(caught.value), caught.value.status


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://x", "http://", "file:///etc/passwd"])
def test_not_an_address(url: str) -> None:
    assert "is not an http or https address" in failure(lambda: AirflowClient(url, "a", "b"))[0]


def test_nobody_there(fake: FakeAirflow, client: AirflowClient) -> None:
    fake.close()
    try:
        assert failure(client.version) == (f"there is no Airflow at {fake.url}", None)
    finally:
        fake.__init__()  # type: ignore[misc]  # something for the fixture to close


def test_wrong_password(fake: FakeAirflow) -> None:
    client = AirflowClient(fake.url, "admin", "wrong")
    assert failure(client.dags) == (f"Airflow at {fake.url} refuses this login for admin", 401)


def test_unknown_dag(client: AirflowClient) -> None:
    assert failure(lambda: client.dag("fx")) == ("Airflow answers 404: Not Found", 404)


def test_server_error(fake: FakeAirflow, client: AirflowClient) -> None:
    fake.answers["GET /api/v2/dags"] = (500, b"<h1>Internal Server Error</h1>")
    assert failure(client.dags) == (f"Airflow at {fake.url} answers GET /api/v2/dags with 500", 500)


@pytest.mark.parametrize("garbage", [b"<html>", b"[1, 2]", b"\xff\xfe", b'{"cut'])
def test_answer_of_something_else(fake: FakeAirflow, client: AirflowClient, garbage: bytes) -> None:
    fake.answers["GET /api/v2/version"] = (200, garbage)
    assert "something that is not Airflow's" in failure(client.version)[0]


def test_no_answer_in_time(fake: FakeAirflow, impatient: AirflowClient) -> None:
    asked_enough = threading.Event()
    fake.answers["GET /api/v2/version"] = (200, lambda: asked_enough.wait(60))
    begun = time.monotonic()
    assert failure(impatient.version) == (f"Airflow at {fake.url} did not answer within 0.5 s", None)
    assert time.monotonic() - begun < 30
    asked_enough.set()


def test_answer_that_drips(fake: FakeAirflow, impatient: AirflowClient) -> None:
    fake.answers["GET /api/v2/version"] = (200, {"version": "3" * 600})
    fake.slow = 0.1
    begun = time.monotonic()
    assert "did not answer within" in failure(impatient.version)[0]
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"])
def test_answer_that_never_ends(start: bytes) -> None:
    """Each byte is in time, of the headers too; all of them are not."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connected, _ = listener.accept()
            with connected, suppress(OSError):
                connected.sendall(start)
                while not done.wait(0.1):
                    connected.sendall(b"x")

        thread = threading.Thread(target=drip)
        thread.start()
        client = AirflowClient(f"http://127.0.0.1:{listener.getsockname()[1]}", "admin", "right", timeout=0.5)
        begun = time.monotonic()
        assert "did not answer within 0.5 s" in failure(client.version)[0]
        assert time.monotonic() - begun < 30
        done.set()
        thread.join()


def test_answer_too_deep_for_json(fake: FakeAirflow, client: AirflowClient) -> None:
    fake.answers["GET /api/v2/version"] = (200, b'{"version":' + b"[" * 100_000)
    assert "something that is not Airflow's" in failure(client.version)[0]


def test_login_page_in_the_place_of_an_answer(fake: FakeAirflow, client: AirflowClient) -> None:
    fake.answers["GET /api/v2/version"] = (302, b"")
    assert failure(client.version) == (
        f"{fake.url} sends /api/v2/version elsewhere (302): to a login page?",
        302,
    )


def test_given_token_is_not_renewed(fake: FakeAirflow) -> None:
    fake.token = "given"
    fake.answers["GET /api/v2/dags/fx"] = (200, DAG)
    assert AirflowClient(fake.url, "", "", token="given").dag("fx").dag_id == "fx"
    said = failure(lambda: AirflowClient(fake.url, "", "", token="other").dag("fx"))
    assert said == (f"Airflow at {fake.url} refuses this token: Airflow answers 401: Invalid token", 401)
    assert "POST /auth/token" not in [asked for asked, _ in fake.asked]


def test_nothing_is_asked_beyond_the_deadline(fake: FakeAirflow, client: AirflowClient) -> None:
    fake.answers["GET /api/v2/version"] = (200, {"version": "3.3.2"})
    client.end_at(time.monotonic() + 60)
    assert client.version() == "3.3.2"
    client.end_at(time.monotonic())
    assert "did not answer within 0 s" in failure(client.version)[0]
    assert len(fake.asked) == 1


def test_expired_token_is_renewed_once(fake: FakeAirflow, client: AirflowClient) -> None:
    fake.answers["GET /api/v2/dags/fx"] = (200, DAG)
    client.dag("fx")
    fake.token = "another Airflow's"
    assert client.dag("fx").dag_id == "fx"
    assert [asked for asked, _ in fake.asked].count("POST /auth/token") == 2


def test_version_needs_no_login(fake: FakeAirflow, client: AirflowClient) -> None:
    fake.answers["GET /api/v2/version"] = (200, {"version": "3.3.2"})
    assert client.version() == "3.3.2"
    assert [asked for asked, _ in fake.asked] == ["GET /api/v2/version"]


def test_pages_are_joined(fake: FakeAirflow, client: AirflowClient) -> None:
    pages = iter([[{**DAG, "dag_id": f"d{n}"} for n in range(100)], [{**DAG, "dag_id": "last"}]])
    fake.answers["GET /api/v2/dags"] = (200, lambda: {"dags": next(pages), "total_entries": 101})
    dags = client.dags()
    assert len(dags) == 101
    assert dags[-1].owners == ("payments",)


def test_dag_id_is_quoted(fake: FakeAirflow, client: AirflowClient) -> None:
    fake.answers["GET /api/v2/dags/a%2Fb%20c"] = (200, DAG)
    assert client.dag("a/b c").commit == "abc"


def test_trigger_refuses_a_paused_dag(fake: FakeAirflow, client: AirflowClient) -> None:
    fake.answers["GET /api/v2/dags/fx"] = (200, {**DAG, "is_paused": True})
    assert failure(lambda: client.trigger("fx"))[0].startswith("fx is paused, so a run of it would never start")
    assert not [asked for asked, _ in fake.asked if asked.endswith("dagRuns")]


def test_trigger_unpauses_first_when_told(fake: FakeAirflow, client: AirflowClient) -> None:
    fake.answers["GET /api/v2/dags/fx"] = (200, {**DAG, "is_paused": True})
    fake.answers["PATCH /api/v2/dags/fx"] = (200, DAG)
    fake.answers["POST /api/v2/dags/fx/dagRuns"] = (200, RUN)
    assert client.trigger("fx", {"a": 1}, unpause=True).finished
    assert fake.asked[-2:] == [
        ("PATCH /api/v2/dags/fx", {"is_paused": False}),
        ("POST /api/v2/dags/fx/dagRuns", {"logical_date": None, "conf": {"a": 1}}),
    ]


def test_wait_for_run(fake: FakeAirflow, client: AirflowClient) -> None:
    states = iter(["queued", "running", "failed"])
    fake.answers["GET /api/v2/dags/fx/dagRuns/r1"] = (200, lambda: {**RUN, "state": next(states)})
    assert client.wait_for_run("fx", "r1", timeout=5, every=0.01).state == "failed"


def test_run_that_does_not_end_in_time(fake: FakeAirflow, client: AirflowClient) -> None:
    fake.answers["GET /api/v2/dags/fx/dagRuns/r1"] = (200, {**RUN, "state": "running"})
    said = failure(lambda: client.wait_for_run("fx", "r1", timeout=0.05, every=0.02))[0]
    assert said == "fx r1 is still running after 0 s"


def test_logs_without_airflows_notes(fake: FakeAirflow, client: AirflowClient) -> None:
    lines = ["::group::Log message source details", "/a/file", "::endgroup::", "hello"]
    content = {"content": [{"event": line} for line in lines]}
    fake.answers["GET /api/v2/dags/fx/dagRuns/r1/taskInstances/t/logs/1"] = (200, content)
    assert client.logs("fx", "r1", "t") == ["hello"]
