"""What is known of a task type without importing its model, and what one may compile to."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from mergeflow.model.kinds import Shape


class Entry(NamedTuple):
    """A task type as a table: `shape` has the keys that are its own, beside those of every task.

    `templates` are the keys that Airflow renders. Of the keys in `one_of` exactly one must stand there, and a key of
    `only_with` only beside the one that it is mapped to. `choices` are the texts that a key may have.
    """

    shape: Shape
    templates: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    only_with: Mapping[str, str] = {}
    choices: Mapping[str, tuple[str, ...]] = {}


class Several(NamedTuple):
    """What a type compiles to that needs several tasks: each by a name of its own, with `dependencies` between them."""

    tasks: Mapping[str, Mapping[str, Any]]
