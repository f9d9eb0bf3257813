"""One pipeline test in the process that is made for it: the DAG is built, runs, and what it did is looked at.

The run is Airflow's own `dag.test`, with three differences, so that no test waits for what only a clock would bring: a
task's next try comes at once, a sensor looks every second, and no other DAG is stored than the tested one. Templates,
trigger rules, branches, mapped tasks, set-up and teardown, deferral and XCom are Airflow's own.
"""

import json
import os
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from mergeflow.airflow.testing.databases import Database
from mergeflow.airflow.testing.expected import broken, wrong_states
from mergeflow.airflow.testing.given import copy, fill
from mergeflow.airflow.testing.guard import Heading
from mergeflow.airflow.testing.home import BUNDLE, prepare
from mergeflow.airflow.testing.sample_rows import GivenError
from mergeflow.paths import team_of
from mergeflow.pipeline_tests import FIRST_DATE, PipelineTest
from mergeflow.shards import DAGS, stub_of, stubs_in

POKE = 1.0
"""Seconds between two looks of a sensor, at most."""
AFTER = "after the run"
"""The heading of what is said when no task runs any more."""

Place = Database | Path
"""What a connection leads to that is thrown away: a database or a folder."""


class Made(NamedTuple):
    """The connections of a test as Airflow describes them, and what those lead to that are thrown away."""

    connections: Mapping[str, Mapping[str, Any]]
    places: Mapping[str, Place]


class NotBuilt(Exception):
    """The DAG cannot be built, or cannot run at all; the text is for the user."""


@dataclass
class Story:
    """What happened, in terms of JSON: the runs with their tasks' states, what does not hold, what took how long."""

    error: str = ""
    state: str = ""
    date: str = ""
    run: int = 0
    tasks: dict[str, list[str]] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    """Tasks that are in a state that nobody expects, each with a sentence."""
    broken: list[str] = field(default_factory=list)
    steps: list[tuple[str, float]] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Note how long something takes."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.steps.append((name, time.monotonic() - began))


def perform(root: Path, test: PipelineTest, scratch: Path, made: Made, heading: Heading) -> dict[str, Any]:
    """Do it all; what came of it, as JSON can hold it."""
    story = Story()
    try:
        with story.step("preparing Airflow"):
            _enter(root, test, scratch, made)
        with story.step("building the DAG"):
            dag = _stored(root, test)
        with story.step("filling what is given"):
            _fill(root, test, made.places)
        _run(dag, test, story, heading)
        if not story.wrong and story.state == test.state:
            heading(AFTER)
            with story.step("looking at the data"):
                _look(root, test, made.places, story)
    except (NotBuilt, GivenError) as error:
        story.error = str(error)
    return vars(story)


def _enter(root: Path, test: PipelineTest, scratch: Path, made: Made) -> None:
    """A home, a working directory and an environment of its own; nothing is written into the repository."""
    work = scratch / "work"
    work.mkdir(parents=True, exist_ok=True)
    prepare(scratch / "airflow", root)
    os.chdir(work)
    # As variables, since a script that a task starts finds no other.
    for conn_id, fields in made.connections.items():
        os.environ[f"AIRFLOW_CONN_{conn_id.upper()}"] = json.dumps(dict(fields))
    for name, value in (test.variables or {}).items():
        os.environ[f"AIRFLOW_VAR_{name.upper()}"] = value if isinstance(value, str) else json.dumps(value, default=str)
    os.environ["TMPDIR"] = str(work)
    tempfile.tempdir = None  # which was looked up before
    sys.dont_write_bytecode = True
    warnings.resetwarnings()  # a test runner may have made errors of them
    warnings.simplefilter("ignore")
    sys.path.insert(0, str(root / DAGS))


def _stored(root: Path, test: PipelineTest) -> Any:
    """The DAG as its stub builds it from the working tree, stored as the dag-processor does."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.collection import update_dag_parsing_results_in_db
    from airflow.serialization.serialized_objects import LazyDeserializedDAG
    from airflow.utils.session import create_session

    from mergeflow.airflow.building import build_project
    from mergeflow.airflow.reading import project_of_one
    from mergeflow.diagnostic import Report
    from mergeflow.render import text
    from mergeflow.rules import Known

    name = stub_of(test.path, stubs_in(root / DAGS)) or team_of(test.path)
    if name is None:
        raise NotBuilt(f"no stub loads {test.path}")
    loaded = build_project(project_of_one(root, name, test.dag_id), Known(), str(root / DAGS / f"{name}.py"))
    dag = next((each for each in loaded.dags if each.dag_id == test.dag_id), None)
    if dag is None:
        said = text.render(Report(loaded.errors)) if loaded.errors else f"{test.path} makes no such DAG"
        raise NotBuilt(f"`{test.dag_id}` cannot be built\n{said}".rstrip())
    for task in dag.tasks:
        _hurry(task)
    DagBundlesManager().sync_bundles_to_db()  # type: ignore[no-untyped-call]
    with create_session() as session:
        update_dag_parsing_results_in_db(
            BUNDLE, None, [LazyDeserializedDAG.from_dag(dag)], {}, None, set(), session=session
        )
    return dag


def _hurry(task: Any) -> None:
    """Let a task wait for nothing but its own work."""
    from airflow.sdk import BaseSensorOperator

    if hasattr(task, "partial_kwargs"):
        task.partial_kwargs.update(retry_delay=timedelta(0), retry_exponential_backoff=0)
        if issubclass(task.operator_class, BaseSensorOperator):
            task.partial_kwargs["poke_interval"] = POKE
        return
    task.retry_delay = timedelta(0)
    task.retry_exponential_backoff = 0
    if isinstance(task, BaseSensorOperator):
        task.poke_interval = min(task.poke_interval, POKE)


def _fill(root: Path, test: PipelineTest, places: Mapping[str, Place]) -> None:
    for conn_id, names in (test.given or {}).items():
        place = places.get(conn_id)
        if place is None:
            raise GivenError(f"`{conn_id}` is no throw-away database or folder of this test")
        for name, files in names.items():
            if isinstance(place, Path):
                copy(place, root, name, files)
            else:
                fill(place, root, name, files)


def _run(dag: Any, test: PipelineTest, story: Story, heading: Heading) -> None:
    """Run the DAG as often as the test says; a run that ends otherwise than it should is the last."""
    date = test.logical_date or dag.start_date or FIRST_DATE
    if dag.start_date and date < dag.start_date:
        raise NotBuilt(
            f"its logical date {date.isoformat()} is before the DAG's start date {dag.start_date.isoformat()}"
        )
    for number in range(1, test.runs + 1):
        story.run, story.date = number, date.astimezone(UTC).isoformat()
        prefix = f"run {number}: " if test.runs > 1 else ""
        with _told(story, heading, prefix):
            try:
                done = dag.test(run_after=date, logical_date=date, run_conf=dict(test.params or {}))
            except Exception as error:  # such as parameters that the DAG refuses
                traceback.print_exc()
                raise NotBuilt(f"the run cannot be made: {type(error).__name__}: {error}") from error
        story.state = str(getattr(done.state, "value", done.state))
        story.tasks, story.tries = {}, {}
        for each in done.get_task_instances():
            story.tasks.setdefault(each.task_id, []).append(str(getattr(each.state, "value", each.state)))
            story.tries[each.task_id] = max(story.tries.get(each.task_id, 0), each.try_number)
        story.wrong = (
            wrong_states(test.tasks or {}, story.tasks) if number == test.runs or story.state != test.state else {}
        )
        if story.wrong or story.state != test.state:
            return
        date = _next(dag, date)


@contextmanager
def _told(story: Story, heading: Heading, prefix: str) -> Iterator[None]:
    """Within, each task's log stands below a heading of its own, and its time is noted."""
    from airflow.sdk.definitions import dag as module

    original: Callable[..., Any] | None = getattr(module, "_run_task", None)
    if original is None:  # another release; then all is below one heading
        yield
        return

    def run_task(*args: Any, **named: Any) -> Any:
        ti = named.get("ti") or args[0]
        heading(ti.task_id)
        try:
            with story.step(f"{prefix}task `{ti.task_id}`"):
                return original(*args, **named)
        finally:
            heading(AFTER)

    module._run_task = run_task  # noqa: SLF001
    try:
        yield
    finally:
        module._run_task = original  # noqa: SLF001


def _next(dag: Any, date: datetime) -> datetime:
    """The logical date of the run that the schedule has after one; a day later where it knows none."""
    from airflow.serialization.encoders import coerce_to_core_timetable
    from airflow.timetables.base import DataInterval, TimeRestriction

    try:
        timetable = coerce_to_core_timetable(dag.timetable)
        interval: DataInterval = timetable.infer_manual_data_interval(run_after=_pendulum(date))
        info = timetable.next_dagrun_info(
            last_automated_data_interval=interval,
            restriction=TimeRestriction(earliest=None, latest=None, catchup=True),
        )
        found = info.logical_date if info else None
    except Exception:  # noqa: BLE001 - a timetable of somebody's own may raise anything
        found = None
    return found if found and found > date else date + timedelta(days=1)


def _pendulum(date: datetime) -> Any:
    from airflow.sdk import timezone

    return timezone.coerce_datetime(date)


def _look(root: Path, test: PipelineTest, places: Mapping[str, Place], story: Story) -> None:
    for each in test.data:
        place = places.get(each.conn_id)
        if place is None:
            story.broken.append(f"`{each.conn_id}` is no throw-away database or folder of this test")
        elif isinstance(place, Path) != (each.source == "file"):
            story.broken.append(
                f"there is no {each.source} in `{each.conn_id}`, which is a {_kind(place)} in this test"
            )
        else:
            story.broken += broken(root, each, place)


def _kind(place: Place) -> str:
    return "folder" if isinstance(place, Path) else "database"
