"""What a worker is asked to do: one stub, one sample, or one pipeline test."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from mergeflow.tested import Kind

_USUALLY = {Kind.PIPELINE: 8.0, Kind.SAMPLE: 4.0, Kind.INTEGRITY: 2.0}
"""Seconds; only their order matters, for the job that takes longest should not begin last."""


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to do, which a process of its own does.

    `path` is the stub, the sample or the file of the DAG; `name` is what the test is called. Of a stub only `dag_ids`
    are looked at, none: all of its DAGs. A pipeline test says for each connection which database it `chose`.
    """

    kind: Kind
    path: str
    name: str
    dag_ids: tuple[str, ...] | None = None
    dag_id: str = ""
    test: str = ""
    choice: Mapping[str, str] = field(default_factory=dict)
    line: int = 1
    needs_quality: bool = False
    """Whether Great Expectations will surely be needed, which takes seconds to import."""
    limit: float = 0.0
    """Seconds that it may take, where that is more than others may."""
    stub: str = ""
    """The stub that loads the DAG of a pipeline test."""

    @property
    def label(self) -> str:
        """What is shown while it runs."""
        return self.path if self.kind is Kind.INTEGRITY else self.name

    def as_plain(self) -> dict[str, Any]:
        """The job as JSON has it."""
        return {**asdict(self), "choice": dict(self.choice)}


def from_plain(data: Mapping[str, Any]) -> Job:
    """The job that `as_plain` has written."""
    dag_ids = data["dag_ids"]
    return Job(**{**data, "kind": Kind(data["kind"]), "dag_ids": None if dag_ids is None else tuple(dag_ids)})


def longest_first(jobs: tuple[Job, ...]) -> list[Job]:
    """The jobs in the order to begin them in."""
    return sorted(jobs, key=lambda job: (-_USUALLY[job.kind], -len(job.dag_ids or ()), job.path, job.name))
