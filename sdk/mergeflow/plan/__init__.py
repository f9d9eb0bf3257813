"""What a merge would change, and what comes of it: two compiled projects, compared as the DAGs that they are."""

from mergeflow.plan.changes import (
    ABSENT,
    Consequence,
    DagChange,
    FieldChange,
    Graph,
    Kind,
    Level,
    NodeChange,
    Plan,
    Reach,
    Timing,
)
from mergeflow.plan.comparing import diff

__all__ = [
    "ABSENT",
    "Consequence",
    "DagChange",
    "FieldChange",
    "Graph",
    "Kind",
    "Level",
    "NodeChange",
    "Plan",
    "Reach",
    "Timing",
    "diff",
]
