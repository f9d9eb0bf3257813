"""A running Airflow with a fleet: how soon a merge is live, and what the dag-processor does when nothing changes.

Mergeflow runs as `mergeflow up` ships it. A peer runs in the same Airflow with Airflow's own Git bundle, its default
limits and intervals, and the same interval of looking for commits. What is live is asked of Airflow's database.
"""

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from mergeflow.airflow.local.repository import choose
from mergeflow.airflow.local.settings import GIT_REFRESH, LocalSettings
from mergeflow.airflow.local.supervisor import LocalAirflow
from tests.benchmarks import fleet
from tests.benchmarks.processes import cpu_seconds, dag_processor
from tests.benchmarks.rows import COLD, DAG_FACTORY, IDLE, MERGE, MERGEFLOW, NOTHING, UP
from tests.benchmarks.samples import Key, Samples
from tests.services.server import free_port

LOOK = 0.05  # seconds between two looks for a merge
MERGED = 180.0  # seconds; a merge that is not live then never will be
QUIET = 0.1  # of a core: less than any parse takes
BUNDLES = "airflow.dag_processing.bundles.local.LocalDagBundle", "airflow.providers.git.bundles.git.GitDagBundle"

# Airflow's own, where `mergeflow up` has others.
AIRFLOWS_DEFAULTS = {
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "30",
    "AIRFLOW__DAG_PROCESSOR__STALE_DAG_THRESHOLD": "50",
    "AIRFLOW__SCHEDULER__PARSING_CLEANUP_INTERVAL": "60",
    "AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "30",
}

Say = Callable[[str], None]


class LiveError(Exception):
    """Airflow did not do in time what was measured, or shows import errors."""


@dataclass(frozen=True)
class Deployment:
    """How a contender runs. `cycle` is the time over which its merges are spread, so that none meets the same moment.

    All times are seconds; it `settles` for so long at most, and each of the `windows` of CPU time is one `window` long.
    """

    contender: str
    folder: str | None = None
    cycle: float = 4
    merges: int = 6
    window: float = 20
    windows: int = 3
    settles: float = 60

    def variables(self, root: Path) -> dict[str, str]:
        """What differs from what `mergeflow up` ships."""
        if self.folder is None:
            return {}
        local, git = BUNDLES
        bundle: dict[str, Any] = {"name": "repository", "classpath": git if self.merges else local}
        where = {"repo_url": str(root), "tracking_ref": "main", "subdir": self.folder}
        bundle["kwargs"] = (where if self.merges else {"path": str(root / self.folder)}) | {
            "refresh_interval": GIT_REFRESH
        }
        defaults = AIRFLOWS_DEFAULTS if self.merges else {}
        return {"AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps([bundle]), **defaults}


# dag-factory's loader is parsed over and over: it never settles, and a window must hold some of its cycles.
DEPLOYMENTS = (
    Deployment(MERGEFLOW),
    Deployment(DAG_FACTORY, fleet.DAG_FACTORY, cycle=36, merges=4, window=75, windows=1, settles=0),
    Deployment(NOTHING, fleet.EMPTY, merges=0, windows=2),
)


def measure(deployment: Deployment, root: Path, dags: int, *, state: Path, samples: Samples, say: Say) -> None:
    """Start an Airflow on a committed fleet, and measure all that is asked of a deployment."""
    what = f"{deployment.contender}, {dags if deployment.merges else 0:,} DAGs"
    variables = deployment.variables(root)
    settings = LocalSettings(state, choose(root, None, "main"), free_port(), variables=variables)
    run = _Run(deployment, root, dags, settings, samples, lambda step: say(f"{what}: {step}"))
    begun = time.monotonic()
    with LocalAirflow(settings) as airflow:
        run.start(airflow, begun)
        run.idle(airflow)
        run.merge(airflow)
        run.check_errors()


@dataclass
class _Run:
    deployment: Deployment
    root: Path
    dags: int
    settings: LocalSettings
    samples: Samples
    say: Say
    processor: psutil.Process | None = None

    def start(self, airflow: LocalAirflow, begun: float) -> None:
        """Wait until every DAG is live, from the start of `up` and from that of the dag-processor."""
        wanted = self.dags if self.deployment.merges else 0
        end = time.monotonic() + 120 + wanted / 15
        while (live := self._live()) < wanted or self.processor is None:
            self.say(f"starting, {live:,} live")
            airflow.check()
            self.processor = self.processor or dag_processor(psutil.Process())
            if time.monotonic() > end:
                raise LiveError(f"{live} of {wanted} DAGs are live after {time.monotonic() - begun:.0f} s")
            time.sleep(0.25)
        if wanted:
            self._add(COLD.key, time.time() - self.processor.create_time())
        airflow.wait_until_up(120)
        if wanted:
            self._add(UP.key, time.monotonic() - begun)

    def idle(self, airflow: LocalAirflow) -> None:
        """Measure the dag-processor's CPU time once it has nothing left to parse."""
        end = time.monotonic() + self.deployment.settles
        self.say("waiting until it has settled")
        while time.monotonic() < end and self._busy(5) > QUIET:
            airflow.check()
        for number in range(self.deployment.windows):
            self.say(f"doing nothing, {number + 1} of {self.deployment.windows}")
            self._add(IDLE.key, 100 * self._busy(self.deployment.window))
            airflow.check()

    def merge(self, airflow: LocalAirflow) -> None:
        """Change a DAG, add a DAG, and so on: from the commit to when Airflow's database has it."""
        for number in range(self.deployment.merges):
            self.say(f"merge {number + 1} of {self.deployment.merges}")
            time.sleep(self.deployment.cycle * (number + 0.5) / self.deployment.merges)
            tag = self._commit(number)
            begun = time.monotonic()
            while not self._ask("SELECT 1 FROM dag_tag WHERE name = ?", tag):
                airflow.check()
                if time.monotonic() > begun + MERGED:
                    raise LiveError(f"merge {number + 1} is not live after {MERGED:.0f} s")
                time.sleep(LOOK)
            self._add(MERGE.key, time.monotonic() - begun)

    def check_errors(self) -> None:
        """With Airflow's default limits no import has timed out, and no other has failed."""
        errors = self._ask("SELECT filename, stacktrace FROM import_error")
        self.samples.note(f"import errors: {self.deployment.contender}, {self.dags}", [list(each) for each in errors])
        if errors:
            raise LiveError(f"import errors: {errors!r:.1000}")

    def _commit(self, number: int) -> str:
        """Every second merge adds a DAG. The tag tells it apart; it is named for whom it is measured."""
        tag = f"merge_{self.deployment.contender}_{number}"
        path = self.root / fleet.config(self.dags, number)
        if number % 2:
            path = path.with_name(f"{tag}.yaml")
            path.write_text(fleet.dag(number, tag, prefix=tag))
        else:
            path.write_text(fleet.dag(number, tag))
        fleet.commit(self.root, tag)
        return tag

    def _busy(self, seconds: float) -> float:
        """How much of a core the dag-processor takes now."""
        if self.processor is None:
            raise LiveError("there is no dag-processor")
        begun, before = time.monotonic(), cpu_seconds(self.processor)
        time.sleep(seconds)
        return (cpu_seconds(self.processor) - before) / (time.monotonic() - begun)

    def _live(self) -> int:
        rows = self._ask(
            "SELECT count(*) FROM dag WHERE NOT is_stale AND dag_id IN (SELECT dag_id FROM serialized_dag)"
        )
        return int(rows[0][0]) if rows else 0

    def _ask(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        """Ask Airflow's database; nothing while it is being made."""
        try:
            with closing(sqlite3.connect(f"file:{self.settings.database}?mode=ro", uri=True, timeout=10)) as database:
                return database.execute(query, values).fetchall()
        except sqlite3.OperationalError:
            return []

    def _add(self, row: str, value: float) -> None:
        self.samples.add(Key(row, self.dags, self.deployment.contender), value)
