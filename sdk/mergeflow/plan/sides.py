"""One side of a merge: a project, the DAGs that come of it, and the code beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from mergeflow.code import Code
from mergeflow.compiler import CompiledDag
from mergeflow.dag import Dag
from mergeflow.diagnostic import Place
from mergeflow.project import Project


@dataclass(frozen=True)
class Side:
    """A repository as it is before or after a merge."""

    project: Project
    compiled: tuple[CompiledDag, ...]
    code: Code | None = None
    made: Mapping[str, Dag] | None = None
    """The DAGs by id, where another release has compiled them; none: those of the project."""

    @cached_property
    def dags(self) -> Mapping[str, Dag]:
        """The DAGs that would be live, by id."""
        if self.made is not None:
            return self.made
        live = {(each.path, each.dag_id) for each in self.compiled}
        return {dag.dag_id: dag for dag in self.project.dags if (dag.path, dag.dag_id) in live}

    @cached_property
    def out(self) -> frozenset[str]:
        """The ids of DAGs that are there and would not be live: errors keep them out."""
        documents = (each.data for each in self.project.configs if isinstance(each.data, dict))
        written = {key for data in documents for key in data if isinstance(key, str)}
        named = {each.dag.dag_id for each in self.project.named}
        return frozenset(written | named | self.project.elsewhere) - self.dags.keys()

    def line(self, place: Place) -> str:
        """A place as people name it: its file and line."""
        location = self.project.locate(place)
        return f"{location.path}:{location.span.start.line}"
