"""Chromium, spoken to over a pipe in its DevTools protocol: real widths, real dark mode, and every request seen."""

import base64
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 60.0
"""Seconds for one answer: two cores may be busy."""


def find() -> str:
    """The browser. Skips the test where there is none, unless there must be one, as in `make drawn`."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        assert not os.environ.get("MERGEFLOW_MUST_DRAW"), "no Chromium; on Debian: apt-get install chromium"
        pytest.skip("needs Chromium: `apt-get install chromium`, then `make drawn`")
    return found


class Chromium:
    """One page of a headless browser."""

    def __init__(self, read: int, write: int) -> None:
        self._read, self._write = read, write
        self._rest, self._number = b"", 0
        self.events: list[tuple[str, dict[str, Any]]] = []
        target = self._call("Target.createTarget", {"url": "about:blank"})["targetId"]
        self._session = self._call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command to the page, and its answer."""
        return self._call(method, parameters, self._session)

    def show(self, url: str, width: int, *, dark: bool) -> None:
        """Load a page as a screen of this width shows it."""
        size = {"width": width, "height": 812, "deviceScaleFactor": 1, "mobile": width < 600}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.events.clear()
        self.call("Page.navigate", url=url)
        while not any(name == "Page.loadEventFired" for name, _ in self.events):
            self._next()

    def evaluate(self, expression: str) -> Any:
        """What JavaScript in the page gives; the page's own policy does not hold for it."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def screenshot(self, file: Path) -> None:
        """All of the page, as a picture."""
        file.parent.mkdir(parents=True, exist_ok=True)
        found = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(found["data"]))

    def requests(self) -> list[str]:
        """Every address that was asked for since the page was loaded, and not what its policy has stopped."""
        told = [(name, parameters) for name, parameters in self.events if name.startswith("Network.")]
        failed = [parameters for name, parameters in told if name == "Network.loadingFailed"]
        stopped = {each["requestId"] for each in failed if each.get("blockedReason") == "csp"}
        sent = [parameters for name, parameters in told if name == "Network.requestWillBeSent"]
        asked = [each["request"]["url"] for each in sent if each["requestId"] not in stopped]
        return [url for url in asked if not url.startswith("data:")]

    def complaints(self) -> list[str]:
        """What the browser's console says: refused by the policy, wrong, or thrown."""
        said = [str(parameters["entry"]["text"]) for name, parameters in self.events if name == "Log.entryAdded"]
        thrown = [json.dumps(parameters) for name, parameters in self.events if name.startswith("Runtime.exception")]
        return said + thrown

    def _call(self, method: str, parameters: Mapping[str, Any], session: str | None = None) -> dict[str, Any]:
        self._number += 1
        command = {"id": self._number, "method": method, "params": parameters}
        message = json.dumps(command | ({"sessionId": session} if session else {})).encode() + b"\0"
        while message:
            message = message[os.write(self._write, message) :]
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer["error"])
                result: dict[str, Any] = answer["result"]
                return result

    def _next(self) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE
        while b"\0" not in self._rest:
            assert time.monotonic() < end, "Chromium does not answer"
            with suppress(BlockingIOError):
                more = os.read(self._read, 2**20)
                assert more, "Chromium has ended"
                self._rest += more
                continue
            time.sleep(0.01)
        line, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        if "method" in message:
            self.events.append((message["method"], message["params"]))
        return message


@contextmanager
def started(profile: Path) -> Iterator[Chromium]:
    """A browser of its own, ended with all of its processes."""
    from_us, to_us = os.pipe(), os.pipe()
    os.set_blocking(to_us[0], False)
    options = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe")
    # Chromium reads from descriptor 3 and writes to 4.
    script = 'exec "$0" "$@" 3<&"$IN" 4>&"$OUT"'
    process = subprocess.Popen(
        ["bash", "-c", script, find(), *options, f"--user-data-dir={profile}"],
        pass_fds=(from_us[0], to_us[1]), start_new_session=True, stderr=subprocess.DEVNULL,
        env=os.environ | {"IN": str(from_us[0]), "OUT": str(to_us[1])},
    )  # fmt: skip
    os.close(from_us[0])
    os.close(to_us[1])
    try:
        yield Chromium(to_us[0], from_us[1])
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(from_us[1])
        os.close(to_us[0])
