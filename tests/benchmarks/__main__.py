"""`make bench`: Mergeflow against dag-factory and a hand-written file, side by side in one run, as ratios."""

import argparse
import compileall
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import dagfactory
from rich.progress import Progress

import mergeflow
from tests.benchmarks import fleet

BIN = Path(sys.executable).parent
PAGE = Path(__file__).resolve().parents[2] / "docs/benchmarks.md"
Measure = Callable[[], float]


@dataclass
class Row:
    """One question, its contenders (the first is Mergeflow), and the goals as the highest ratio to each peer."""

    question: str
    contenders: dict[str, Measure]
    goals: dict[str, float]
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def measure(self, tick: Callable[[], None]) -> None:
        """One round: every contender once, so that a slower moment of the machine hits all alike."""
        for name, contender in self.contenders.items():
            self.seconds.setdefault(name, []).append(contender())
            tick()

    def ratio(self, peer: str) -> float:
        """The median over the rounds of Mergeflow's time through the peer's."""
        own = self.seconds[next(iter(self.contenders))]
        return statistics.median(a / b for a, b in zip(own, self.seconds[peer], strict=True))

    def lines(self) -> list[str]:
        """The row in Markdown: a line per peer."""
        own = next(iter(self.contenders))
        mine = statistics.median(self.seconds[own])
        return [
            f"| {self.question} | {_seconds(mine)} | {peer} {_seconds(statistics.median(self.seconds[peer]))} "
            f"| {_ratio(self.ratio(peer))} | {_ratio(goal)} | {'yes' if self.ratio(peer) <= goal else '**no**'} |"
            for peer, goal in self.goals.items()
        ]


def main() -> int:
    """Measure, print the table and write it to docs/benchmarks.md; 1 when a goal is missed."""
    options = argparse.ArgumentParser(prog="make bench", description=__doc__)
    options.add_argument("--dags", type=int, default=1000)
    options.add_argument("--teams", type=int, default=20)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--no-write", action="store_true", help="leave docs/benchmarks.md as it is")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="mergeflow-bench-") as folder:
        root = Path(folder) / "fleet"
        first = fleet.write(root, given.dags, given.teams)
        rows = _rows(root, first, _environment(folder))
        total = sum(len(row.contenders) for row in rows) * given.rounds
        with Progress(transient=True) as progress:
            task = progress.add_task(f"{given.dags} DAGs, {given.rounds} rounds", total=total)
            for _ in range(given.rounds):
                for row in rows:
                    row.measure(lambda: progress.advance(task))
    page = _page(rows, given.dags, given.teams, given.rounds)
    print(page)
    if not given.no_write:
        PAGE.write_text(page)
    return 0 if all(row.ratio(peer) <= goal for row in rows for peer, goal in row.goals.items()) else 1


def _environment(folder: str) -> dict[str, str]:
    """What the contenders run in. Each has its bytecode, as an installed package has; an editable one may have none."""
    environment = {**os.environ, "AIRFLOW_HOME": folder, "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    for package in (mergeflow, dagfactory):
        compileall.compile_dir(Path(str(package.__file__)).parent, quiet=2)
    return environment


def _rows(root: Path, first: Path, environment: dict[str, str]) -> list[Row]:
    def whole(*command: str) -> Measure:
        return lambda: _whole_process(command, root, environment)

    def parse(contender: str, *dag_id: str) -> Measure:
        return lambda: _parse(contender, root, dag_id, environment)

    mergeflow, dagfactory = str(BIN / "mergeflow"), str(BIN / "dagfactory")
    contenders = ("mergeflow", "dag-factory", "by hand")
    return [
        Row(
            "check one changed file, whole process",
            {
                "mergeflow": whole(mergeflow, "check", str(first)),
                "dagfactory lint": whole(dagfactory, "lint", str(first)),
            },
            {"dagfactory lint": 1 / 15},
        ),
        Row(
            "check the fleet, all rules, whole process",
            {
                "mergeflow": whole(mergeflow, "check"),
                "dagfactory lint": whole(dagfactory, "lint", str(root / "configs")),
            },
            {"dagfactory lint": 1 / 5},
        ),
        Row(
            "task start: parse in the worker",
            {name: parse(name, "dag_00000") for name in contenders[:2]},
            {"dag-factory": 1 / 200},
        ),
        Row(
            "building the whole fleet",
            {name: parse(name) for name in contenders},
            {"dag-factory": 1 / 2.5, "by hand": 1.6},
        ),
    ]


def _whole_process(command: tuple[str, ...], root: Path, environment: dict[str, str]) -> float:
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - begun
    if done.returncode:
        raise SystemExit(
            f"{' '.join(command)} exited with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    return seconds


def _parse(contender: str, root: Path, dag_id: tuple[str, ...], environment: dict[str, str]) -> float:
    command = [sys.executable, "-m", "tests.benchmarks.parse", contender, str(root), *dag_id]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} exited with {done.returncode}:\n{done.stderr[-2000:]}")
    seconds, dags = done.stdout.split()[-2:]
    wanted = 1 if dag_id and contender == "mergeflow" else len(list((root / "configs").rglob("dag_*.yaml")))
    if int(dags) != wanted:
        raise SystemExit(f"{contender} built {dags} DAGs, not {wanted}")
    return float(seconds)


def _page(rows: list[Row], dags: int, teams: int, rounds: int) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in ("mergeflow", "dag-factory", "apache-airflow"))
    head = "| | Mergeflow | peer | ratio | goal | met |\n|---|---|---|---|---|---|"
    lines = "\n".join(line for row in rows for line in row.lines())
    return f"""# Benchmarks

`make bench`: {dags:,} DAGs of {fleet.TASKS} tasks in {teams} teams, medians of {rounds} rounds in which the contenders
take turns. A ratio is the median of the rounds' ratios; under 1, Mergeflow is faster.

{head}
{lines}

{versions}; Python {platform.python_version()}, {os.cpu_count()} cores, {time.strftime("%Y-%m-%d", time.gmtime())}.
"by hand" is a Python file that defines the same DAGs without YAML.
"""


def _seconds(value: float) -> str:
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def _ratio(value: float) -> str:
    return f"1/{1 / value:.3g}" if value < 1 else f"{value:.2f}"


if __name__ == "__main__":
    sys.exit(main())
