"""One DAG: its effective config, its tasks and groups, and where each value is set."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from mergeflow.diagnostic import Part, Place, Route
from mergeflow.layers import Layers
from mergeflow.model import SHAPES

MOST_DAGS = 15_000
"""Nobody writes more into one file; each is looked at by every rule, and a mebibyte may hold a hundred thousand."""

NODE_LISTS = (("tasks", "task_id"), ("task_groups", "group_name"))
"""The keys that hold tasks and task groups; in the list form each entry has its name under the second."""

NOT_DAGS = ("default", "task_groups")
"""Top-level keys of a config file that dag-factory never takes for a DAG."""

FRAGMENT = "x-"
"""What the name of a top-level entry begins with that is only there for its anchors, as in a compose file."""


class Node(NamedTuple):
    """A task or a task group of a DAG; `route` leads to it from the DAG."""

    name: str
    route: Route
    config: Mapping[str, Any]

    @property
    def dependencies(self) -> list[tuple[Route, str]]:
        """What it depends on, each with its route from the DAG."""
        listed = self.config.get("dependencies")
        if not isinstance(listed, list):
            return []
        return [((*self.route, "dependencies", i), name) for i, name in enumerate(listed) if isinstance(name, str)]


@dataclass(frozen=True)
class Dag:
    """One DAG: `config` is what dag-factory builds from, after all defaults."""

    dag_id: str
    path: str
    layers: Layers

    @cached_property
    def config(self) -> dict[str, Any]:
        """The effective config."""
        return self.layers.merged()

    @cached_property
    def tasks(self) -> dict[str, Node]:
        """The tasks by id; of two with one id the first."""
        return _nodes(self.config, *NODE_LISTS[0])

    @cached_property
    def groups(self) -> dict[str, Node]:
        """The task groups by name; of two with one name the first."""
        return _nodes(self.config, *NODE_LISTS[1])

    def names(self, key: str) -> set[str]:
        """Every name that stands under `tasks` or `task_groups`, also of entries that are no task or group."""
        listed, name_key = self.config.get(key), dict(NODE_LISTS)[key]
        if isinstance(listed, list):
            listed = [each.get(name_key) for each in listed if isinstance(each, dict)]
        return {name for name in listed if isinstance(name, str)} if isinstance(listed, dict | list) else set()

    @property
    def id_place(self) -> Place:
        """Where its dag_id is written; of a DAG that is made for an item, the item, which tells it from the others."""
        made = self.layers.made
        return made.place._replace(made=made) if made else self.place(part="key")

    def place(self, *route: str | int, part: Part = "value") -> Place:
        """Where the value that `route` leads to is set: here, in the `default` block or in a `defaults.yml`."""
        return self.layers.place(route, part)


def defines_dag(key: str, value: object) -> bool:
    """Whether a top-level entry of a config file is a DAG, or means to be one."""
    is_fragment = key.startswith(FRAGMENT) and not (isinstance(value, dict) and "tasks" in value)
    return key not in NOT_DAGS and not is_fragment and not (isinstance(value, dict) and is_loose(key, value))


def is_loose(key: str, value: Mapping[Any, Any]) -> bool:
    """Whether a top-level mapping is a part of a DAG that should be indented below its dag_id, such as `tasks`."""
    of_a_dag = SHAPES["Dag"].keys
    return key in of_a_dag and bool(value) and of_a_dag.keys().isdisjoint(value)


def unnested(data: Mapping[Any, Any]) -> str:
    """The first key of a DAG that stands where dag_ids stand, in a file without any DAG; nothing in other files."""
    of_a_dag = SHAPES["Dag"].keys
    loose = next((key for key in data if key in of_a_dag and key not in NOT_DAGS), None)
    blocks = (value for key, value in data.items() if key not in NOT_DAGS and isinstance(value, dict))
    return "" if loose is None or any(not of_a_dag.keys().isdisjoint(block) for block in blocks) else str(loose)


def _nodes(config: Mapping[str, Any], key: str, name_key: str) -> dict[str, Node]:
    """Tasks or task groups in either form, as a mapping or as a list, by name."""
    listed = config.get(key)
    nodes: dict[str, Node] = {}
    pairs: Iterable[tuple[str | int, Any, Any]] = ()
    if isinstance(listed, dict):
        pairs = ((name, name, config) for name, config in listed.items())
    elif isinstance(listed, list):
        pairs = ((i, each.get(name_key), each) for i, each in enumerate(listed) if isinstance(each, dict))
    for segment, name, own in pairs:
        if isinstance(name, str) and isinstance(own, dict):
            nodes.setdefault(name, Node(name, (key, segment), own))
    return nodes
