"""What is measured in processes of their own, at which sizes of the fleet, and how often."""

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import fleet
from tests.benchmarks.contenders import BIN, bundles, environment, memory, parse, whole_process
from tests.benchmarks.rows import (
    BLUEPRINT,
    BUILD,
    BUNDLE,
    BY_HAND,
    CHECK_FILE,
    CHECK_FLEET,
    CONFIG_ERRORS,
    DAG_FACTORY,
    GIT_BUNDLE,
    LINT,
    MERGEFLOW,
    PLAN,
    TASK_START,
    Row,
)
from tests.benchmarks.samples import Key

FEW, LARGE = 3, 5000  # rounds beside the main fleet, and from how many DAGs on there is one
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


def measurements(plan: Plan, folder: Path, missing: Collection[str]) -> Iterator[Measurement]:
    """Write the fleets, and say all that is to be measured of them without a running Airflow."""
    if all(row.live for row in plan.rows):
        return
    variables = environment(folder / "airflow")
    absent = {*missing, LINT} if DAG_FACTORY in missing else set(missing)
    for dags in plan.sizes:
        root = fleet.write(folder / f"fleet-{dags}", dags)
        if dags == plan.main:
            _commit_change(root, dags)
            yield from _bundles(plan, variables)
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
    yield Measurement(
        Key(BUILD.key, dags, CONFIG_ERRORS), min(rounds, FEW) if dags == plan.main else 1, measure(CONFIG_ERRORS, 0)
    )


def _bundles(plan: Plan, variables: Mapping[str, str]) -> Iterator[Measurement]:
    """Many starts in one go; Airflow's own bundle is a side value."""

    def once() -> Mapping[str, float]:
        found = bundles(variables)
        return {"": found["ConfigBundle"], f"/{GIT_BUNDLE}": found["GitDagBundle"]}

    key = Key(BUNDLE.key, plan.main, MERGEFLOW)
    if plan.wants(key):
        yield Measurement(key, 1, once)


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
