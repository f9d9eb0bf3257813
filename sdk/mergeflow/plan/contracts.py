"""What data must be like: the expectations that a suite gains and loses, and the DAGs that hold batches against it."""

from collections.abc import Collection, Iterator
from typing import Any

from mergeflow.paths import suite_of, team_of
from mergeflow.plan.changes import Consequence, Level
from mergeflow.plan.sides import Side
from mergeflow.project import Project


def of_suites(before: Side, after: Side, touched: Collection[str]) -> Iterator[Consequence]:
    """A consequence for each suite that expects something else; what is expected no more needs attention."""
    for path in sorted(touched):
        name = suite_of(path)
        old, new = ([*_expected(side.project, path)] if name else [] for side in (before, after))
        gained, lost = ([each for each in some if each not in others] for some, others in ((new, old), (old, new)))
        if name and (gained or lost):
            told = ", ".join([*(f"+ {each}" for each in gained), *(f"- {each}" for each in lost)])
            level = Level.ATTENTION if lost else Level.NOTICE
            text = f"what data must be like changes in suite {name}: {told}"
            yield Consequence("expectations", level, text, tuple(_users(name, after)), path)


def _expected(project: Project, path: str) -> Iterator[str]:
    """Everything that a suite expects, each in a few words."""
    document = project.documents.get(path)
    data = document.data if document and isinstance(document.data, dict) else {}
    columns = data.get("columns")
    for name, column in columns.items() if isinstance(columns, dict) else ():
        yield _worded(f"column {name}", column)
    for column in columns if isinstance(columns, list) else ():
        yield _worded("column", column)
    for each in data.get("expectations") or () if isinstance(data.get("expectations"), list) else ():
        if isinstance(each, dict):
            yield _worded(str(each.get("expectation")), {key: each[key] for key in each if key != "expectation"})


def _worded(what: str, details: Any) -> str:
    told = ", ".join(f"{key}: {value}" for key, value in details.items()) if isinstance(details, dict) else ""
    return f"{what} ({told})" if told else what


def _users(name: str, side: Side) -> list[str]:
    """The DAGs that name a suite: in full, or within its team by its last part."""
    team, _, short = name.rpartition("/")
    return sorted(
        dag_id
        for dag_id, dag in side.dags.items()
        if any(
            _names(each.config, {name, short} if team_of(dag.path) == team else {name}) for each in dag.tasks.values()
        )
    )


def _names(task: Any, names: Collection[str]) -> bool:
    return task.get("suite") in names if isinstance(task.get("suite"), str) else False
