"""A whole run: write the fleets, go round by round over everything that is measured, then start Airflow."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.benchmarks import fleet
from tests.benchmarks.contenders import ContenderError, missing
from tests.benchmarks.machine import machine, versions
from tests.benchmarks.measurements import Measurement, Plan, measurements
from tests.benchmarks.samples import Samples


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
        asked = list(measurements(plan, Path(folder), samples.facts["missing"]))
        task = progress.add_task("", total=sum(each.rounds for each in asked) + _deployments(plan))

        said = ""

        def say(what: str, steps: int = 0) -> None:
            nonlocal said
            progress.update(task, description=what, advance=steps)
            if not console.is_terminal and said != what:
                print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)
            said = what

        go_round(asked, samples, say)
        if any(row.live for row in plan.rows):
            _go_live(plan, Path(folder), samples, say)


def go_round(asked: list[Measurement], samples: Samples, say: Callable[..., None]) -> None:
    """Each measurement once, then each once more; one that fails is left out from then on."""
    failed: dict[str, str] = samples.facts["failed"]
    for number in range(max((each.rounds for each in asked), default=0)):
        for each in asked:
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
