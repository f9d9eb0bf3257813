"""Running one pipeline test: throw-away databases around a process in which the DAG runs, and a value of what came.

    tested = run(root, "orders", test, scratch)

`scratch` is a folder of the caller's, which this fills and the caller removes. Nothing else is left behind: neither
processes, nor databases, nor a file in the repository.
"""

import os
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from mergeflow.airflow.testing.databases import Database, Unavailable, database
from mergeflow.airflow.testing.guard import Done, Heading, ended_by_signal, guarded
from mergeflow.airflow.testing.home import HomeError
from mergeflow.airflow.testing.logs import tail
from mergeflow.airflow.testing.running import AFTER, Made, Place, perform
from mergeflow.airflow.testing.server import ServerError
from mergeflow.diagnostic import Place as PlaceOf
from mergeflow.files import read
from mergeflow.pipeline_tests import DATABASES, FOLDER, PipelineTest
from mergeflow.project import load
from mergeflow.tested import Kind, Status, Step, Tested

_MOST_LOGS = 3
"""Tasks whose logs a message shows."""


def preload() -> None:
    """Import what each test needs, and let Airflow's API make its routes, which takes seconds: forks then have it.

    Whoever forks calls it once, after `home.prepare`. It starts no thread.
    """
    import asyncio
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Airflow's own, about Airflow's own
        import httpx
        from airflow.sdk.execution_time.supervisor import in_process_api_server

        import mergeflow.airflow.loader  # noqa: F401

        async def ask() -> None:
            api = in_process_api_server()
            async with httpx.AsyncClient(transport=api.atransport, base_url="http://test") as client:
                await client.get("/")

        asyncio.run(ask())


def run(root: Path, dag_id: str, test: PipelineTest, scratch: Path) -> Tested:
    """Run a test of a DAG. Of a connection with several kinds the first is taken: see `PipelineTest.chosen`."""
    began = time.monotonic()
    test = test.chosen({})
    steps: list[Step] = []
    line = _line(root, test.place)
    name = f"{dag_id}::{test.name}"

    def told(status: Status, message: str = "") -> Tested:
        seconds = time.monotonic() - began
        message = message.replace(f"{root.absolute()}/", "")  # paths as everybody writes them
        return Tested(Kind.PIPELINE, test.path, name, status, message, line, seconds, tuple(steps))

    scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with ended_by_signal(), ExitStack() as stack:
            made = time.monotonic()
            thrown = thrown_away(test, scratch.absolute(), stack)
            steps.append(Step("making databases", time.monotonic() - made))

            def work(heading: Heading) -> dict[str, Any]:
                return perform(root.absolute(), test, scratch.absolute(), thrown, heading)

            done = guarded(work, test.timeout)
            removed = time.monotonic()
            stack.close()
            _note(done, steps, time.monotonic() - removed)
    except Unavailable as error:
        return told(Status.ERROR if os.environ.get("CI", "").lower() in ("1", "true") else Status.SKIPPED, str(error))
    except (ServerError, HomeError, OSError) as error:
        return told(Status.ERROR, str(error))
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
        return told(Status.ERROR, f"no throw-away database can be made: {reason}")
    return told(*_judged(test, done))


def thrown_away(test: PipelineTest, scratch: Path, stack: ExitStack) -> Made:
    """What the connections of a test lead to, for as long as the stack stands."""
    connections: dict[str, Mapping[str, Any]] = {}
    places: dict[str, Place] = {}
    for number, (conn_id, kinds) in enumerate(test.connections.items()):
        kind = kinds[0]
        own = scratch / "connections" / f"{number}"  # a name of ours: theirs might lead elsewhere
        if not isinstance(kind, str):
            connections[conn_id] = kind
        elif kind == FOLDER:
            own.mkdir(parents=True)
            places[conn_id] = own
            connections[conn_id] = {"conn_type": "fs", "extra": {"path": str(own)}}
        elif kind in DATABASES:
            own.parent.mkdir(parents=True, exist_ok=True)
            made: Database = stack.enter_context(database(kind, own.parent, own.name))
            places[conn_id], connections[conn_id] = made, made.fields
    return Made(connections, places)


def _note(done: Done, steps: list[Step], removing: float) -> None:
    for name, seconds in (done.answer or {}).get("steps", ()):
        steps.append(Step(name, seconds))
    steps.append(Step("removing databases", removing))


def _judged(test: PipelineTest, done: Done) -> tuple[Status, str]:
    """Whether the test has passed, and what is to be told otherwise."""
    if done.is_late or done.answer is None:
        return told_end(test, done)
    story = done.answer
    if story["error"]:
        return Status.FAILED, story["error"]
    parts: list[str] = []
    which = f"run {story['run']}" if test.runs > 1 else "the run"
    if story["state"] != test.state:
        parts.append(f"{which} of {story['date']} is `{story['state']}`, and `{test.state}` is expected")
    parts += story["wrong"].values()
    if parts:
        shown = [*story["wrong"], *_failed(story, test)] if story["state"] != test.state else [*story["wrong"]]
        parts += _logs(done, story, list(dict.fromkeys(shown)))
    parts += story["broken"]
    return (Status.FAILED, "\n".join(parts)) if parts else (Status.PASSED, "")


def _failed(story: Mapping[str, Any], test: PipelineTest) -> list[str]:
    """The tasks that a run failed for."""
    expected = test.tasks or {}
    return [task for task, states in story["tasks"].items() if "failed" in states and expected.get(task) != "failed"]


def _logs(done: Done, story: Mapping[str, Any], tasks: list[str]) -> list[str]:
    """The state of each of these tasks with the end of its log."""
    parts: list[str] = []
    for task in tasks[:_MOST_LOGS]:
        states = ", ".join(f"`{each}`" for each in sorted(set(story["tasks"].get(task, ()))))
        lines = tail(done.said.get(task, b""))
        if states and lines:
            tries = story["tries"].get(task, 1)
            after = f" after {tries} tries" if tries > 1 else ""
            parts.append(
                "\n".join([f"task `{task}` is {states}{after}; its log ends:", *(f"  {line}" for line in lines)])
            )
    return parts


def told_end(test: PipelineTest, done: Done) -> tuple[Status, str]:
    """What is told where the process has no answer: its time was over, or something ended it."""
    last = next((each for each in reversed(done.headings) if each), "")
    task = f" in task `{last}`" if last and last != AFTER else ""
    if done.is_late:
        reason = f"it ran for more than {test.timeout} s{task}, and was ended with all that it had started"
    else:
        reason = f"the process of the run {_end_of(done.code or 0)}{task}"
    lines = tail(done.said.get(last, b"") or done.said.get("", b""))
    said = ["its log ends:", *(f"  {line}" for line in lines)] if lines else []
    return (Status.FAILED if task else Status.ERROR), "\n".join([reason, *said])


def _end_of(code: int) -> str:
    from signal import Signals

    if code >= 0:
        return f"ended with exit code {code}"
    return f"was ended by {Signals(-code).name}" if -code in set(Signals) else f"was ended by signal {-code}"


def _line(root: Path, place: PlaceOf) -> int:
    """The line at which a test is written."""
    project = load({place.path: read(root, place.path)})
    return project.locate(place).span.start.line
