"""The services of docker-compose.yml as plain processes, with Compose's own settings and without an engine.

What an engine would give is given by substitution in the resolved text, and by nothing else: an address
(`service:port`, a published port, a service's own port) becomes a free port at 127.0.0.1, and a path in a
container becomes a folder of this run, one for all where a volume is mounted. PostgreSQL is the caller's.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.deployment.compose_rules import airflow_services
from tests.services.server import free_port

MARK = "MERGEFLOW_TOPOLOGY"  # in every process's environment, so that no straggler is overlooked
PATIENCE = 180.0  # seconds for a service to become healthy
GRACE = 60.0  # seconds for a service to end by itself, and for what it has started to end with it
HOME = "/opt/airflow"

# How a process listens where its container would: on every address of its own, on a port of its own.
LISTENERS = {
    "api-server": (8080, "AIRFLOW__API__HOST", "AIRFLOW__API__PORT"),
    "scheduler": (
        8974,
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_HOST",
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT",
    ),
}


class Topology:
    """All services of one resolved Compose file, except those of a profile."""

    def __init__(self, compose: Mapping[str, Any], folder: Path, database_port: int) -> None:
        self.compose = compose
        self.folder = folder
        self.services = {name: s for name, s in compose["services"].items() if "profiles" not in s}
        self.ports = {name: free_port() for name in LISTENERS} | {"airflow-db": database_port}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.stopping = False
        self.stragglers: list[int] = []

    @property
    def api_port(self) -> int:
        return self.ports["api-server"]

    @contextmanager
    def running(self) -> Iterator["Topology"]:
        """Everything up and healthy, in the order that `depends_on` asks for; nothing left afterwards."""
        try:
            with ThreadPoolExecutor() as pool:
                ready: dict[str, Future[None]] = {}
                for name in self._in_order():
                    waits = [ready[other] for other in self.services[name].get("depends_on", {})]
                    ready[name] = pool.submit(self._bring_up, name, waits)
                for future in ready.values():
                    future.add_done_callback(self._give_up_on_failure)
            for future in ready.values():
                future.result()
            yield self
        finally:
            self._stop()

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def local(self, text: str, service: str) -> str:
        """Return a text of the Compose file as it must read here, in one service."""
        for name, port in self.ports.items():
            inside = LISTENERS.get(name, (5432,))[0]
            hosts = [name, *(["127.0.0.1"] if name in {service, "api-server"} else [])]
            for host in hosts:
                text = text.replace(f"{host}:{inside}", f"127.0.0.1:{port}")
        for volume in self.services[service].get("volumes", []):
            source, target = volume.split(":")
            text = text.replace(target, str(self.folder / "volumes" / source))
        return text.replace(HOME, str(self.folder / "containers" / service))

    def environment(self, service: str) -> dict[str, str]:
        """A service's environment: Compose's, what stands for its container, and nothing of this process."""
        declared = self.services[service].get("environment", {})
        environment = {key: self.local(str(value), service) for key, value in declared.items()}
        if service in LISTENERS:
            _, host, port = LISTENERS[service]
            environment |= {host: "127.0.0.1", port: str(self.ports[service])}
        home = self.folder / "containers" / service
        path = os.pathsep.join([str(Path(sys.executable).parent), os.defpath])
        return environment | {"HOME": str(home), "PATH": path, "LANG": "C.UTF-8", MARK: str(self.folder)}

    def healthy(self, service: str) -> subprocess.CompletedProcess[str]:
        """Run the service's own health check once."""
        kind, *test = [self.local(part, service) for part in self.services[service]["healthcheck"]["test"]]
        return subprocess.run(
            test if kind == "CMD" else ["sh", "-c", *test],
            env=self.environment(service),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def leftovers(self) -> list[int]:
        """Processes of this run that still live, wherever they have moved to."""
        mark = f"{MARK}={self.folder}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with suppress(OSError):
                    if mark in (entry / "environ").read_bytes().split(b"\0"):
                        found.append(int(entry.name))
        return found

    def _in_order(self) -> list[str]:
        ordered: list[str] = []
        while len(ordered) < len(self.services):
            ordered += [
                name
                for name, service in self.services.items()
                if name not in ordered and set(service.get("depends_on", {})) <= set(ordered)
            ]
        return ordered

    def _bring_up(self, name: str, waits: list[Future[None]]) -> None:
        for other in waits:
            other.result()
        if name in airflow_services(self.compose):
            self._start(name)
        if "healthcheck" in self.services[name]:
            self._wait_until_healthy(name)
        elif self.processes[name].wait(PATIENCE):
            raise RuntimeError(f"{name} failed:\n{self.log(name)[-4000:]}")

    def _start(self, name: str) -> None:
        service = self.services[name]
        home = self.folder / "containers" / name
        home.mkdir(parents=True)
        for volume in service["volumes"]:
            (self.folder / "volumes" / volume.split(":")[0]).mkdir(parents=True, exist_ok=True)
        for mount in service.get("configs", []):
            path = Path(self.local(mount["target"], name))
            path.write_text(self.compose["configs"][mount["source"]]["content"])
            path.chmod(mount["mode"])
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                service["command"],
                cwd=home,
                env=self.environment(name),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _wait_until_healthy(self, name: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while (check := self.healthy(name)).returncode:
            process = self.processes.get(name)
            gone = process is not None and process.poll() is not None
            if gone or self.stopping or time.monotonic() > deadline:
                log = self.log(name)[-4000:] if process else ""
                raise RuntimeError(f"{name} is not healthy: {check.stdout}{check.stderr}\n{log}")
            time.sleep(0.5)

    def _give_up_on_failure(self, future: Future[None]) -> None:
        if future.exception():
            self.stopping = True

    def _stop(self) -> None:
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        while time.monotonic() < deadline and any(p.poll() is None for p in self.processes.values()):
            time.sleep(0.1)
        self._signal(signal.SIGKILL)
        for process in self.processes.values():
            process.wait()
        # A task leads a process group of its own: it should have ended with its scheduler, and ends here. What is
        # killed is still there for a moment.
        deadline = time.monotonic() + GRACE
        while (stragglers := self.leftovers()) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.stragglers = stragglers
        for pid in self.stragglers:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        for process in self.processes.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)


def settings_for_test(repository: Path) -> dict[str, str]:
    """What a person would write into `.env`. Secrets are made up of letters and digits, as it says there."""
    return {
        "MERGEFLOW_REPO_URL": f"file://{repository}",
        "AIRFLOW_ADMIN_PASSWORD": "admin4topology",
        "AIRFLOW_DB_PASSWORD": "database4topology",
        "AIRFLOW_FERNET_KEY": "dG9wb2xvZ3ktdG9wb2xvZ3ktdG9wb2xvZ3ktdG9wb2w=",
        "AIRFLOW_JWT_SECRET": "token4topology" * 5,
        "AIRFLOW_API_SECRET_KEY": "session4topology" * 4,
        "TRANSACTIONS_DB_PASSWORD": "transactions4topology",
        "LABELS_DB_PASSWORD": "labels4topology",
        "KPI_SITE_TOKEN": "token4topology" * 2,
        "KPI_SITE_SECRET_KEY": "site4topology" * 4,
        "KPI_DB_PASSWORD": "kpi4topology",
    }
