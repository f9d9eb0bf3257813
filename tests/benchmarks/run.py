"""A whole run: write the fleets, go round by round over everything that is measured, then start Airflow."""

import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.benchmarks import fleet
from tests.benchmarks.contenders import BIN, ContenderError, environment, memory, missing, parse, whole_process
from tests.benchmarks.rows import (
    BLUEPRINT,
    BUILD,
    BY_HAND,
    CHECK_FILE,
    CHECK_FLEET,
    CONFIG_ERRORS,
    DAG_FACTORY,
    LINT,
    MERGEFLOW,
    PLAN,
    TASK_START,
    Row,
)
from tests.benchmarks.samples import Key, Samples

FEW, LARGE = 3, 5000  # rounds beside the main fleet, and from how many DAGs on peers have one
PACKAGES = ("mergeflow", "dag-factory", "airflow-blueprint", "apache-airflow")
Measure = Callable[[], Mapping[str, float]]


@dataclass(frozen=True)
class Plan:
    """What to measure: `main` is the size of the fleet at which every row is measured, `rounds` how often there.

    The quick form asks for no more than the ratios that have a bar there.
    """

    rows: tuple[Row, ...]
    sizes: tuple[int, ...]
    main: int
    rounds: int
    quick: bool = False

    def wants(self, key: Key) -> bool:
        """Whether this is asked for; a side value is when its row is."""
        row = next((row for row in self.rows if row.key == key.row.partition("/")[0]), None)
        if row is None or not self.quick:
            return row is not None
        barred = {goal.peer for goal in row.goals if goal.quick is not None}
        return row.key == key.row and key.contender in (barred | {MERGEFLOW} if barred else set())


@dataclass(frozen=True)
class Measurement:
    """One contender in one row. `measure` gives the value, and side values by the suffix of their row."""

    key: Key
    rounds: int
    measure: Measure


def run(plan: Plan, samples: Samples) -> None:
    """Measure what `samples` does not have yet. What fails is noted, and all else goes on."""
    facts = {"machine": machine(), "versions": versions(), "date": time.strftime("%Y-%m-%d", time.gmtime())}
    samples.facts |= facts | {
        "fleet": plan.main,
        "sizes": plan.sizes,
        "rounds": plan.rounds,
        "missing": dict(missing()),
        "failed": {},
    }
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # the live Airflow inherits this process's environment
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        tempfile.TemporaryDirectory(prefix="mergeflow-bench-", ignore_cleanup_errors=True) as folder,
        Progress(*columns, console=console, transient=True) as progress,
    ):
        measurements = list(_measurements(plan, Path(folder), samples))
        task = progress.add_task("", total=sum(each.rounds for each in measurements) + _deployments(plan))

        def say(what: str, steps: int = 0) -> None:
            progress.update(task, description=what, advance=steps)
            if not console.is_terminal and not steps:
                print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)

        go_round(measurements, samples, say)
        if any(row.live for row in plan.rows):
            _go_live(plan, Path(folder), samples, say)


def machine() -> str:
    """The processor, its cores and the memory."""
    with open("/proc/cpuinfo") as lines:  # noqa: PTH123 - a stream of lines
        models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    return f"{(models or [platform.machine()])[0]}, {cores} cores, {memory_gib:.0f} GiB of memory, {platform.system()}"


def versions() -> dict[str, str]:
    """Those of Python and of the contenders."""
    found = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _measurements(plan: Plan, folder: Path, samples: Samples) -> Iterator[Measurement]:
    home = folder / "airflow"
    variables = environment(home)
    absent = set(samples.facts["missing"])
    if DAG_FACTORY in absent:
        absent.add(LINT)
    if not any(not row.live for row in plan.rows):
        return
    for dags in plan.sizes:
        root = fleet.write(folder / f"fleet-{dags}", dags)
        if dags == plan.main:
            _commit_change(root, dags)
        for each in (*_processes(plan, root, dags, variables), *_parses(plan, root, dags, variables)):
            if plan.wants(each.key) and each.key.contender not in absent:
                yield each


def _processes(plan: Plan, root: Path, dags: int, variables: Mapping[str, str]) -> Iterator[Measurement]:
    mergeflow, lint = str(BIN / "mergeflow"), (str(BIN / "dagfactory"), "lint")
    one = str(root / fleet.config(dags, 0))
    commands = {
        (CHECK_FILE, MERGEFLOW): (mergeflow, "check", one),
        (CHECK_FILE, LINT): (*lint, one),
        (CHECK_FLEET, MERGEFLOW): (mergeflow, "check"),
        (CHECK_FLEET, LINT): (*lint, str(root / "configs")),
        (PLAN, MERGEFLOW): (mergeflow, "plan", "--base", "main", "--head", "change"),
    }
    for (row, contender), command in commands.items():
        key = Key(row.key, dags, contender)
        if dags == plan.main:
            yield Measurement(key, plan.rounds, _timed(command, root, variables))
            yield Measurement(key._replace(row=f"{row.key}/peak"), 1, _weighed(command, root, variables))
        elif (row, contender) == (CHECK_FLEET, MERGEFLOW):
            yield Measurement(key, _rounds(plan, dags), _timed(command, root, variables))


def _timed(command: tuple[str, ...], root: Path, variables: Mapping[str, str]) -> Measure:
    return lambda: {"": whole_process(command, root, variables)}


def _weighed(command: tuple[str, ...], root: Path, variables: Mapping[str, str]) -> Measure:
    return lambda: {"": memory(command, root, variables)}


def _parses(plan: Plan, root: Path, dags: int, variables: Mapping[str, str]) -> Iterator[Measurement]:
    def measure(contender: str, gives: int, dag_id: str | None = None) -> Measure:
        def once() -> Mapping[str, float]:
            # Nobody has a cache to begin with; what is known of a file after it was parsed once is said beside.
            with tempfile.TemporaryDirectory() as cache:
                cold = {**variables, "MERGEFLOW_CACHE": cache}
                parsed = parse(contender, root, cold, gives, dag_id)
                found = {"": parsed.seconds, "/imports": parsed.imports, "/peak": parsed.peak}
                if contender == CONFIG_ERRORS:
                    found["/again"] = parse(contender, root, cold, gives).seconds
                return found

        return once

    rounds, first = _rounds(plan, dags), "dag_00000"
    # One small DAG is quick to measure at any size, and all sizes take turns.
    yield Measurement(Key(TASK_START.key, dags, MERGEFLOW), plan.rounds, measure(MERGEFLOW, 1, first))
    yield Measurement(Key(TASK_START.key, dags, DAG_FACTORY), rounds, measure(DAG_FACTORY, dags, first))
    for contender in (MERGEFLOW, DAG_FACTORY, BLUEPRINT, BY_HAND):
        yield Measurement(Key(BUILD.key, dags, contender), rounds, measure(contender, dags))
    yield Measurement(Key(BUILD.key, dags, CONFIG_ERRORS), min(rounds, FEW), measure(CONFIG_ERRORS, 0))


def _rounds(plan: Plan, dags: int) -> int:
    if dags == plan.main:
        return plan.rounds
    return 1 if dags >= LARGE else min(FEW, plan.rounds)


def _commit_change(root: Path, dags: int) -> None:
    """Give a fleet a branch on which one DAG differs."""
    fleet.commit(root, "fleet")
    fleet.git(root, "switch", "-qc", "change")
    (root / fleet.config(dags, 0)).write_text(fleet.dag(0, "changed"))
    fleet.commit(root, "change")
    fleet.git(root, "switch", "-q", "main")


def go_round(measurements: list[Measurement], samples: Samples, say: Callable[..., None]) -> None:
    failed: dict[str, str] = samples.facts["failed"]
    for number in range(max((each.rounds for each in measurements), default=0)):
        for each in measurements:
            what = f"{each.key.row}, {each.key.contender}, {each.key.dags:,} DAGs"
            if number >= each.rounds or what in failed:
                continue
            say(f"round {number + 1}: {what}")
            if len(samples.values.get(each.key, ())) <= number:
                try:
                    for suffix, value in each.measure().items():
                        samples.add(each.key._replace(row=each.key.row + suffix), value)
                except ContenderError as error:
                    failed[what] = str(error)
                    samples.note("failed", failed)
            say(f"round {number + 1}: {what}", 1)


def _deployments(plan: Plan) -> int:
    return len(list(_live_plan(plan))) if any(row.live for row in plan.rows) else 0


def _live_plan(plan: Plan) -> Iterator[tuple[int, int]]:
    """Sizes, and the place of the deployment in the table: all at the main size, Mergeflow alone at the largest."""
    yield from ((plan.main, number) for number in range(3))
    if max(plan.sizes) > plan.main:
        yield max(plan.sizes), 0


def _go_live(plan: Plan, folder: Path, samples: Samples, say: Callable[..., None]) -> None:
    from mergeflow.airflow.local.supervisor import LocalAirflowError
    from mergeflow.airflow.transport import AirflowError
    from tests.benchmarks.live import DEPLOYMENTS, LiveError, measure

    failed: dict[str, str] = samples.facts["failed"]
    done: list[str] = samples.facts.setdefault("live", [])
    for dags, number in _live_plan(plan):
        deployment = DEPLOYMENTS[number]
        what = f"live, {deployment.contender}, {dags:,} DAGs"
        if what not in done and deployment.contender not in samples.facts["missing"]:
            samples.drop(dags, deployment.contender, (row.key for row in plan.rows if row.live))
            root, state = folder / f"live-{dags}-{number}", folder / f"state-{dags}-{number}"
            try:
                fleet.write(root, dags, blueprint=False)
                fleet.commit(root, "fleet")
                measure(deployment, root, dags, state=state, samples=samples, say=say)
                done.append(what)
                samples.note("live", done)
            except (LiveError, LocalAirflowError, AirflowError, OSError) as error:
                failed[what] = str(error)
                samples.note("failed", failed)
            for left in (root, state):
                shutil.rmtree(left, ignore_errors=True)
        say(what, 1)
