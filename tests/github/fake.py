"""A small GitHub on 127.0.0.1: pull requests, their comments and code scanning, with whatever goes wrong on request."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

BOT = {"login": "github-actions[bot]", "type": "Bot"}
HEAD = "b81e07d0" * 5
REPOSITORY = "owner/repository"

Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]]


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class GitHub:
    """What it holds, what it was asked, and what it answers before it does anything."""

    pulls: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    trouble: list[Callable[[Asked], Answer | None]] = field(default_factory=list)
    """Each is asked first, and taken away when it has answered."""
    before: list[Callable[[Asked], None]] = field(default_factory=list)
    """What others do meanwhile."""
    url: str = ""
    last: int = 1000

    def add(self, text: str, user: dict[str, str] | None = None) -> int:
        self.last += 1
        self.comments.append({"id": self.last, "body": text, "user": BOT if user is None else user})
        return self.last

    def texts(self) -> list[str]:
        return [each["body"] for each in self.comments]

    def did(self, *methods: str) -> list[str]:
        return [f"{each.method} {urlsplit(each.path).path}" for each in self.asked if each.method in methods]

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        for each in self.before:
            each(asked)
        for each in list(self.trouble):
            if (found := each(asked)) is not None:
                self.trouble.remove(each)
                return found
        if asked.headers.get("authorization") != "Bearer token4tests":
            return 401, {"message": "Bad credentials"}
        return self._served(asked)

    def _served(self, asked: Asked) -> Answer:
        parts = urlsplit(asked.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        path = parts.path.removeprefix(f"/repos/{REPOSITORY}")
        found: Answer = 404, {"message": "Not Found"}
        if asked.method == "POST" and path == "/code-scanning/sarifs":
            found = 202, {"id": "47177e22"}
        elif path == "/pulls":
            found = 200, self._page([each for each in self.pulls if each["head"]["label"] == query["head"]], query)
        elif one := re.fullmatch(r"/pulls/(\d+)", path):
            found = next(((200, each) for each in self.pulls if each["number"] == int(one[1])), found)
        elif re.fullmatch(r"/issues/\d+/comments", path):
            listed = asked.method == "GET"
            found = (200, self._page(self.comments, query)) if listed else (201, {"id": self.add(asked.body["body"])})
        elif one := re.fullmatch(r"/issues/comments/(\d+)", path):
            found = self._one(asked, int(one[1]))
        return found

    def _one(self, asked: Asked, number: int) -> Answer:
        for each in self.comments:
            if each["id"] == number:
                if asked.method == "DELETE":
                    self.comments.remove(each)
                    return 204, None
                each["body"] = asked.body["body"]
                return 200, each
        return 404, {"message": "Not Found"}

    @staticmethod
    def _page(found: list[Any], query: dict[str, str]) -> list[Any]:
        size, page = int(query["per_page"]), int(query["page"])
        return found[size * (page - 1) : size * page]


def pull(number: int = 7, commit: str = HEAD, source: str = "fork/repository", branch: str = "fx") -> dict[str, Any]:
    """A pull request as GitHub tells of it."""
    label = f"{source.partition('/')[0]}:{branch}"
    head = {"sha": commit, "ref": branch, "label": label, "repo": {"full_name": source}}
    base = {"ref": "main", "repo": {"full_name": REPOSITORY}}
    return {"number": number, "state": "open", "head": head, "base": base}


def event(commit: str = HEAD, source: str = "fork/repository", branch: str = "fx") -> dict[str, Any]:
    """What a workflow is told of the run that it waits for."""
    run = {"event": "pull_request", "head_sha": commit, "head_branch": branch, "pull_requests": []}
    return {
        "workflow_run": {**run, "head_repository": {"full_name": source}},
        "repository": {"full_name": REPOSITORY, "default_branch": "main"},
    }


@contextmanager
def running() -> Iterator[GitHub]:
    """A GitHub that answers until the block ends."""
    github = GitHub()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {key.lower(): value for key, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, json.loads(text) if text else None)
            with lock:
                status, body, *more = github.answer(asked)
            if not status:
                return  # the connection breaks
            data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for key, value in (more[0] if more else {}).items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_DELETE = _any  # noqa: N815 - as the base class looks for them

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        github.url = f"http://127.0.0.1:{server.server_port}"
        yield github
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
