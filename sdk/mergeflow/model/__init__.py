"""What a config file may contain: the shape of DAGs, tasks, task groups and defaults, as pydantic models.

The models are in `dag`, `task` and `group`; whoever only asks whether data has their shape gets along without them.
"""

from mergeflow.model.shape import shape_problems
from mergeflow.model.table import SHAPES
from mergeflow.model.words import MOST_HINTS, MOST_WORDS, kind_of, likely, near, nearest, patience

__all__ = ["MOST_HINTS", "MOST_WORDS", "SHAPES", "kind_of", "likely", "near", "nearest", "patience", "shape_problems"]
