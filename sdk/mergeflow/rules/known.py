"""What a rule is: its protocol, and what it may know besides the configs."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from mergeflow.catalog import Catalog
from mergeflow.diagnostic import Problem, Severity
from mergeflow.project import Project


@dataclass(frozen=True, slots=True)
class Known:
    """The surroundings of a project: the operators that exist, and the stubs in `dags/` (none: not known)."""

    catalog: Catalog = field(default_factory=Catalog)
    stubs: frozenset[str] | None = None


class Rule(Protocol):
    """A module of this package, or a house rule; the slug in `ID` is its only identity."""

    ID: str
    SEVERITY: Severity

    def check(self, project: Project, known: Known, /) -> Iterator[Problem]:
        """Every problem that this rule finds in a project."""
        ...
