"""What is wrong, first by name (a problem), then by line and column (a diagnostic)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Literal, NamedTuple

from mergeflow.source import Location

Route = tuple[str | int, ...]
"""The way to a value through a document: mapping keys and list indices, `("orders", "tasks", 2, "retries")`."""

Part = Literal["key", "value"]


def has(data: object, segment: str | int) -> bool:
    """Whether `data` is a mapping with this key, or a list with this index: whether a route can go on here."""
    if isinstance(data, Mapping):
        return segment in data
    return isinstance(data, list) and isinstance(segment, int) and 0 <= segment < len(data)


class Severity(StrEnum):
    """How bad a problem is; an error fails the check, and most keep their DAGs from being built."""

    ERROR = "error"
    WARNING = "warning"


class Place(NamedTuple):
    """A key or a value of a config file, by name: no line numbers.

    What stands in one place may make many DAGs; `made` is the one that is spoken of.
    """

    path: str
    route: Route = ()
    part: Part = "value"
    made: "Made | None" = None

    def at(self, *route: str | int, part: Part = "value") -> "Place":
        """A place further in."""
        return self._replace(route=(*self.route, *route), part=part)

    def is_within(self, other: "Place") -> bool:
        """Whether this is that place, or one further in."""
        return self.path == other.path and self.route[: len(other.route)] == other.route


class Made(NamedTuple):
    """A DAG that a template or a `for_each` has made: its file and id, and the place that it was made for."""

    path: str
    dag_id: str
    place: Place


class Related(NamedTuple):
    """Another place that explains a problem, such as the first of two definitions."""

    place: Place
    message: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, named by its rule's slug; the hint says what to do about it."""

    rule: str
    message: str
    place: Place
    hint: str = ""
    severity: Severity = Severity.ERROR
    related: tuple[Related, ...] = ()


class Note(NamedTuple):
    """A related place with its location found."""

    location: Location
    message: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A problem with its location found, and the source line it stands on."""

    location: Location
    rule: str
    message: str
    severity: Severity = Severity.ERROR
    source_line: str = ""
    hint: str = ""
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Report:
    """Everything that a check found, in the order of the files; `files` is how many were read."""

    diagnostics: tuple[Diagnostic, ...] = ()
    files: int = 0
    dags: int = 0
    broken: frozenset[tuple[str, str]] = field(default=frozenset())
    """The DAGs that must not be built, as (path, dag_id)."""
    waived: int = 0
    ignored: int = 0
    """How many problems the policy waives, and how many a comment ignores."""

    @cached_property
    def errors(self) -> int:
        """How many diagnostics are errors."""
        return sum(each.severity is Severity.ERROR for each in self.diagnostics)

    @cached_property
    def warnings(self) -> int:
        """How many diagnostics are warnings."""
        return len(self.diagnostics) - self.errors


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics by path, line, column and rule; of those at one place with one remedy the first.

    A task that is shared through an anchor or a default is wrong in each DAG that it reaches, and mended once.
    """
    once: dict[tuple[Location, str, str], Diagnostic] = {}
    for each in sorted(diagnostics, key=_order):
        once.setdefault(_identity(each), each)
    return tuple(once.values())


def together(report: Report, other: Report, note: Note, of_all: Collection[str] = ()) -> Report:
    """One report with what another has found besides, to which `note` says where; both are about the same files.

    Problems of the slugs `of_all` count only where both have found them.
    """
    found = {_identity(each) for each in report.diagnostics}
    others = {_identity(each) for each in other.diagnostics}
    kept = [each for each in report.diagnostics if each.rule not in of_all or _identity(each) in others]
    more = (each for each in other.diagnostics if each.rule not in of_all and _identity(each) not in found)
    added = [replace(each, notes=(*each.notes, note)) for each in more]
    return replace(report, diagnostics=in_order([*kept, *added]))


def _identity(each: Diagnostic) -> tuple[Location, str, str]:
    return each.location, each.rule, each.hint


def _order(each: Diagnostic) -> tuple[str, int, int, str, str, str, tuple[Note, ...]]:
    """What sorts diagnostics; comparing whole ones would do too, and takes ten times as long."""
    start = each.location.span.start
    return each.location.path, start.line, start.column, each.rule, each.message, each.hint, each.notes
