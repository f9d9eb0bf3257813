"""Run one contender once, in a process of its own."""

import compileall
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tests.benchmarks.rows import BLUEPRINT, DAG_FACTORY

BIN = Path(sys.executable).parent
REPOSITORY = Path(__file__).resolve().parents[2]
TIMEOUT = 600  # seconds; ten times what the slowest takes

PEERS = {DAG_FACTORY: "dagfactory", BLUEPRINT: "blueprint"}
"""What each peer's package is imported as."""

# `getrusage` counts what the parent had when it forked, so a process of 10 MiB stands between.
_MEMORY = (
    "import os, resource, subprocess, sys;"
    "code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode;"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024); sys.exit(code)"
)


class ContenderError(Exception):
    """A contender failed, or built something else than it should."""


@dataclass(frozen=True)
class Parsed:
    """What one parse took: seconds, seconds of imports before it, MiB at the peak; and how many DAGs it gave."""

    seconds: float
    imports: float
    peak: float
    dags: int


def environment(home: Path) -> dict[str, str]:
    """What the contenders run in. Each has its bytecode, as an installed package has; an editable one may have none."""
    for package in ("mergeflow", *PEERS.values()):
        spec = find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            compileall.compile_dir(folder, quiet=2)
    made = {**os.environ, "AIRFLOW_HOME": str(home), "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR"}
    made["AIRFLOW__DAG_FACTORY__ENABLE_TELEMETRY"] = "False"
    made.pop("PYTHONDONTWRITEBYTECODE", None)
    made.pop("MERGEFLOW_ENV", None)
    return made


def missing(peers: Mapping[str, str] = PEERS) -> Iterator[tuple[str, str]]:
    """The peers that cannot be imported here, and why."""
    for peer, module in peers.items():
        done = subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True, text=True, check=False)
        if done.returncode:
            yield peer, (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]


def whole_process(command: tuple[str, ...], root: Path, variables: Mapping[str, str]) -> float:
    """Seconds from a command's start to its end."""
    begun = time.perf_counter()
    _run(command, root, variables)
    return time.perf_counter() - begun


def memory(command: tuple[str, ...], root: Path, variables: Mapping[str, str]) -> float:
    """MiB that a command had at its peak."""
    return float(_run((sys.executable, "-I", "-S", "-c", _MEMORY, *command), root, variables).split()[-1])


def parse(contender: str, root: Path, variables: Mapping[str, str], dags: int, dag_id: str | None = None) -> Parsed:
    """Parse a fleet that must give so many DAGs, or what is wanted of it."""
    command = (sys.executable, "-m", "tests.benchmarks.parse", contender, str(root), *filter(None, (dag_id,)))
    out = _run(command, REPOSITORY, variables)
    with suppress(ValueError, IndexError, TypeError):
        parsed = Parsed(**json.loads(out.splitlines()[-1]))
        if parsed.dags == dags:
            return parsed
    raise ContenderError(f"{contender} was to build {dags} DAGs, and said: {out[-2000:]}")


def bundles(variables: Mapping[str, str]) -> dict[str, float]:
    """Seconds that each Git bundle takes in a worker before a task, by its class."""
    found = {}
    for line in _run((sys.executable, "-m", "tests.benchmarks.start"), REPOSITORY, variables).splitlines():
        name, _, values = line.strip().partition(": ")
        if values.startswith("bundle "):
            found[name] = float(values.split()[-1]) / 1000
    return found


def _run(command: tuple[str, ...], folder: Path, variables: Mapping[str, str]) -> str:
    try:
        done = subprocess.run(
            command, cwd=folder, env=variables, capture_output=True, text=True, check=False, timeout=TIMEOUT
        )
    except subprocess.TimeoutExpired as error:
        raise ContenderError(f"{' '.join(command)} did not end in {TIMEOUT} s") from error
    if done.returncode:
        said = f"{done.stdout[-2000:]}{done.stderr[-2000:]}"
        raise ContenderError(f"{' '.join(command)} exited with {done.returncode}:\n{said}")
    return done.stdout
