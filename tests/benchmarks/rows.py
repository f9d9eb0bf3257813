"""What is measured, and how good it must be: the one table that page, verdict and quick form read."""

from dataclasses import dataclass

FLEET = 1000
SIZES = (10, 100, FLEET, 5000, 10_000)
QUICK = 300  # DAGs in the fleet of `make bench-quick`

MERGEFLOW, DAG_FACTORY, BLUEPRINT, BY_HAND = "mergeflow", "dag-factory", "airflow-blueprint", "by hand"
CONFIG_ERRORS = "config_errors.py"
LINT = "dagfactory lint"
NOTHING = "no DAG at all"
GIT_BUNDLE = "Airflow's Git bundle"

FLAT = 1.5
"""The slowest task start through the quickest, over all sizes of the fleet."""


@dataclass(frozen=True)
class Goal:
    """The highest ratio to a peer; `quick` is the bar in the quick form's smaller fleet, None where none holds.

    In a small fleet what a process does once weighs more: a file by hand does nothing once.
    """

    peer: str
    ratio: float
    quick: float | None = None


@dataclass(frozen=True)
class Row:
    """One question. `at_most` is in the row's unit: seconds, or % of a core."""

    key: str
    title: str
    goals: tuple[Goal, ...] = ()
    at_most: float | None = None
    unit: str = "s"
    live: bool = False


CHECK_FILE = Row(
    "check-file", "check one changed file, whole process", (Goal(LINT, 1 / 15, quick=1 / 15),), at_most=0.3
)
CHECK_FLEET = Row("check-fleet", "check the fleet, all rules, whole process", (Goal(LINT, 1 / 5, quick=1 / 8),))
PLAN = Row("plan", "plan of one changed DAG, whole process", at_most=2)
TASK_START = Row("task-start", "task start: parse in the worker", (Goal(DAG_FACTORY, 1 / 200, quick=1 / 100),))
BUILD = Row(
    "build",
    "building the whole fleet",
    (Goal(DAG_FACTORY, 1 / 2.5, quick=1 / 2.5), Goal(BY_HAND, 1.6, quick=1.9)),
)
BUNDLE = Row("bundle", "preparing the commit's bundle in the worker")
MERGE = Row("merge", "merge to live, Airflow running", (Goal(DAG_FACTORY, 1 / 8),), at_most=4, live=True)
IDLE = Row("idle", "dag-processor while nothing changes", (Goal(DAG_FACTORY, 1 / 50),), unit="%", live=True)
COLD = Row("cold-start", "from the dag-processor's start to all DAGs live", live=True)
UP = Row("up", "from `mergeflow up` to all DAGs live, database made anew", live=True)

ROWS = (CHECK_FILE, CHECK_FLEET, PLAN, TASK_START, BUNDLE, BUILD, MERGE, IDLE, COLD, UP)
JUDGED = tuple(row for row in ROWS if row.goals or row.at_most is not None)
