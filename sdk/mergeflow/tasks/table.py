"""What the task types take, as a table. Written by `python -m tests.render.generated` from their models."""

from collections.abc import Mapping

from mergeflow.model.kinds import Shape
from mergeflow.tasks.entry import Entry

ENTRIES: Mapping[str, Entry] = {
    "script": Entry(
        shape=Shape(
            required=("path",),
            open=False,
            keys={
                "path": ("text", "prose"),
                "arguments": ("texts",),
                "env": ("labels",),
            },
        ),
        templates=("arguments", "env"),
    ),
}
