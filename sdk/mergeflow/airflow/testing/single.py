"""A DAG run once, or a few times, for a test in Python: with throw-away databases that can be looked at afterwards."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from mergeflow.airflow.testing.databases import Database
from mergeflow.airflow.testing.guard import ended_by_signal, guarded
from mergeflow.airflow.testing.pipeline import thrown_away, told_end
from mergeflow.airflow.testing.running import perform
from mergeflow.pipeline_tests import PipelineTest


class RunError(Exception):
    """The DAG could not be run; the text is for the user."""


@dataclass(frozen=True)
class Ran:
    """What a DAG has done. The databases and folders that its connections led to are there until the test is over."""

    state: str
    tasks: Mapping[str, Sequence[str]]
    """The states of each task: of a mapped one those of its instances."""
    logs: Mapping[str, str] = field(default_factory=dict)
    """The end of each task's log."""
    databases: Mapping[str, Database] = field(default_factory=dict)
    folders: Mapping[str, Path] = field(default_factory=dict)


def run_once(root: Path, test: PipelineTest, scratch: Path, stack: ExitStack) -> Ran:
    """Run a DAG as a pipeline test would, in a process of its own, and look at nothing.

    What is thrown away is there as long as `stack` stands. Raises RunError, and what `pipeline.run` turns into words.
    """
    scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ended_by_signal():
        made = thrown_away(test, scratch, stack)
        done = guarded(lambda heading: perform(root, test, scratch, made, heading), test.timeout)
    if done.is_late or done.answer is None:
        raise RunError(told_end(test, done)[1])
    if done.answer["error"]:
        raise RunError(done.answer["error"])
    return Ran(
        done.answer["state"],
        done.answer["tasks"],
        {task: said.decode("utf-8", "replace") for task, said in done.said.items() if task in done.answer["tasks"]},
        {conn_id: place for conn_id, place in made.places.items() if isinstance(place, Database)},
        {conn_id: place for conn_id, place in made.places.items() if isinstance(place, Path)},
    )
