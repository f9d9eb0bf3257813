"""GitHub's REST API: JSON to and fro, tried again where that may help, and one sentence for what goes wrong.

The token goes to the address that it is meant for: no redirect is followed, and plain HTTP is for this machine only.
"""

import http.client
import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

Json = Mapping[str, Any]

PAGE = 100
MOST_PAGES = 100
"""So many pages are read of a list."""
_LARGEST = 64_000_000
"""Bytes of an answer: a hundred comments of the greatest length are less."""
_TRIES = 6
_PASSING = frozenset({429, 500, 502, 503, 504})
"""Answers that say nothing of the request itself."""
_LOCAL = ("127.0.0.1", "::1", "localhost")


class GitHubError(Exception):
    """GitHub did not do what was asked. The message is one sentence; `status` is the HTTP status, if there was one."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class _Passing(Exception):
    """What another try may mend; `wait` is how long GitHub wants to be left alone, in seconds."""

    def __init__(self, error: GitHubError, wait: float | None = None) -> None:
        super().__init__(str(error))
        self.error, self.wait = error, wait


class Rest:
    """One GitHub and one token. A request takes at most `timeout` seconds, all waits together at most `patience`."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout: float = 20.0,
        patience: float = 180.0,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        try:
            parts = urlsplit(url)
            host, self._port = parts.hostname or "", parts.port
        except ValueError:
            raise GitHubError(f"{url} is no address") from None
        if not host or (parts.scheme != "https" and (parts.scheme != "http" or host not in _LOCAL)):
            raise GitHubError(f"{url} is not an https address: the token is not sent there")
        if not (token.isascii() and token.isprintable()):
            raise GitHubError("the token is none: it would be a line of ASCII")
        self._parts, self._host = parts, host
        self._headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "User-Agent": "mergeflow",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        self._timeout, self._patience, self._sleep = timeout, patience, sleep or time.sleep

    def pages(self, path: str) -> Iterator[Any]:
        """Every entry of a paged list."""
        sign = "&" if "?" in path else "?"
        for page in range(1, MOST_PAGES + 1):
            found = self.call("GET", f"{path}{sign}per_page={PAGE}&page={page}")
            if not isinstance(found, list):
                raise GitHubError(f"GitHub answers GET {_bare(path)} with something that is no list")
            yield from found
            if len(found) < PAGE:
                return

    def call(self, method: str, path: str, body: Json | None = None) -> Any:
        """Make one request, again where that may help, and return what the answer holds. Raises GitHubError."""
        for tried in range(1, _TRIES + 1):
            try:
                return self._exchange(method, path, body)
            except _Passing as passing:
                wait = 2.0 ** (tried - 1) if passing.wait is None else passing.wait
                if tried == _TRIES or wait > self._patience:
                    raise passing.error from None
                self._patience -= wait
                self._sleep(wait)
        raise AssertionError  # the last try has returned or raised

    def _exchange(self, method: str, path: str, body: Json | None) -> Any:
        status, headers, text = self._send(method, path, None if body is None else json.dumps(body).encode())
        try:
            found = json.loads(text or b"null")
        except ValueError:
            found = None
        if 200 <= status < 300:
            if text and found is None:
                raise GitHubError(f"GitHub answers {method} {_bare(path)} with something that is no JSON", status)
            return found
        reason = found.get("message") if isinstance(found, dict) else None
        error = GitHubError(_refusal(method, path, status, reason), status)
        wait = _wanted_wait(status, headers, reason)
        if status in _PASSING or (status == 403 and wait is not None):
            raise _Passing(error, wait)
        raise error

    def _send(self, method: str, path: str, data: bytes | None) -> tuple[int, Mapping[str, str], bytes]:
        """Make one request. A server that drips its answer is cut off at the time-out as well."""
        headers = self._headers | ({"Content-Type": "application/json"} if data is not None else {})
        end = time.monotonic() + self._timeout
        connection = self._connect()
        try:
            connection.request(method, self._parts.path.rstrip("/") + path, data, headers)
            with connection.getresponse() as response:
                text = b""
                while chunk := response.read1(65536):
                    text += chunk
                    if len(text) > _LARGEST or time.monotonic() > end:
                        raise _Passing(GitHubError(f"GitHub's answer to {method} {_bare(path)} does not end"))
                return response.status, {key.lower(): value for key, value in response.getheaders()}, text
        except (OSError, http.client.HTTPException) as error:
            reason = str(error) or type(error).__name__
            raise _Passing(GitHubError(f"GitHub cannot be reached at {self._host}: {reason}")) from None
        finally:
            connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        if self._parts.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout, context=context)
        return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)


def _wanted_wait(status: int, headers: Mapping[str, str], reason: object) -> float | None:
    """How long GitHub says to wait, in seconds; none where it does not say."""
    after = headers.get("retry-after", "")
    if after.isascii() and after.isdigit():
        return float(after)
    reset = headers.get("x-ratelimit-reset", "")
    if status in (403, 429) and headers.get("x-ratelimit-remaining") == "0" and reset.isascii() and reset.isdigit():
        return max(1.0, float(reset) - time.time())
    if status in (403, 429) and "secondary rate limit" in str(reason):
        return 60.0  # what GitHub's documentation asks for
    return None


def _refusal(method: str, path: str, status: int, reason: object) -> str:
    if 300 <= status < 400:
        return f"GitHub answers {method} {_bare(path)} with {status}: the repository has moved, and is not followed"
    said = f": {reason}" if isinstance(reason, str) and reason else ""
    return f"GitHub answers {method} {_bare(path)} with {status}{said}"


def _bare(path: str) -> str:
    return path.partition("?")[0]
