"""What a plan says: values only, which every rendering tells in its own way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from mergeflow.paths import team_of

ABSENT = object()
"""Stands for a value that one of the two sides does not have."""

State = Literal["added", "changed", "removed", "same"]


class Kind(StrEnum):
    """What happens to a DAG or a task."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    RENAMED = "renamed"


class Level(StrEnum):
    """How much a consequence matters: whether somebody must decide, or only should know."""

    ATTENTION = "attention"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A setting's value before and after, ABSENT where there is none; `through` is the place elsewhere that sets it."""

    name: str
    before: Any
    after: Any
    through: str = ""


@dataclass(frozen=True, slots=True)
class NodeChange:
    """What happens to one task or task group; `was` is its name before, `operator` and `after` tell of a new one."""

    kind: Kind
    noun: str
    name: str
    fields: tuple[FieldChange, ...] = ()
    was: str = ""
    operator: str = ""
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Timing:
    """When a DAG runs, in words; its next runs in its own time zone; the assets that it waits for."""

    words: str
    zone: str = "UTC"
    upcoming: tuple[datetime, ...] = ()
    assets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reach:
    """A DAG that waits for another or is started by it, and by what."""

    dag_id: str
    how: str


@dataclass(frozen=True, slots=True)
class Graph:
    """The tasks and task groups of a DAG, before and after in one: state by name, group by name, state by edge."""

    tasks: Mapping[str, State]
    groups: Mapping[str, State]
    within: Mapping[tuple[str, str], str]
    """The group that a task or a group lies in, by `("task", name)` or `("task group", name)`."""
    edges: Mapping[tuple[str, str], State]


@dataclass(frozen=True, slots=True)
class DagChange:
    """What happens to one DAG.

    `was` is its id before, `was_in` its file before. With `indirect`, nobody has touched the DAG itself; `through` are
    the places that have changed instead.
    """

    kind: Kind
    dag_id: str
    path: str
    fields: tuple[FieldChange, ...] = ()
    nodes: tuple[NodeChange, ...] = ()
    tasks: int = 0
    was: str = ""
    was_in: str = ""
    before: Timing | None = None
    after: Timing | None = None
    indirect: bool = False
    through: tuple[str, ...] = ()
    reaches: tuple[Reach, ...] = ()
    graph: Graph | None = None

    @property
    def team(self) -> str:
        """The team in whose folder it stands; empty for files above the teams."""
        return team_of(self.path) or ""

    @property
    def moves_to_another_team(self) -> bool:
        """Whether its file was in another team's folder."""
        return bool(self.was_in) and team_of(self.was_in) != team_of(self.path)


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a merge brings about beyond the values that it changes; `slug` is its kind, for programs."""

    slug: str
    level: Level
    text: str
    dag_ids: tuple[str, ...] = ()
    place: str = ""
    """The file and line that bring it about, where there is one."""
    runs: int = 0
    """How many runs Airflow will create, where that is known."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Every DAG that a merge would add, change or remove, by dag_id; and what comes of it, the weightiest first."""

    changes: tuple[DagChange, ...] = ()
    consequences: tuple[Consequence, ...] = ()

    def count(self, kind: Kind) -> int:
        """How many DAGs are added, changed, removed or renamed by somebody's own hand."""
        return sum(change.kind is kind and not change.indirect for change in self.changes)

    @property
    def indirect(self) -> tuple[DagChange, ...]:
        """The DAGs that change without having been touched."""
        return tuple(change for change in self.changes if change.indirect)

    @property
    def direct(self) -> tuple[DagChange, ...]:
        """The others."""
        return tuple(change for change in self.changes if not change.indirect)

    @property
    def runs(self) -> int:
        """How many runs it makes Airflow create, as far as that is known."""
        return sum(each.runs for each in self.consequences)

    @property
    def warnings(self) -> int:
        """How many consequences somebody should decide upon."""
        return sum(each.level is Level.ATTENTION for each in self.consequences)
