"""Environments: what is different where DAGs run, as variables and patches beside the configs."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mergeflow.document import Document
from mergeflow.files import ENVIRONMENTS
from mergeflow.layers import Layer
from mergeflow.policy import matches


class Patch(NamedTuple):
    """What some DAGs have otherwise; `layer` is what is set."""

    patterns: tuple[str, ...]
    layer: Layer

    def matches(self, dag_id: str) -> bool:
        """Whether it is about this DAG."""
        return any(matches(dag_id, pattern) for pattern in self.patterns)


class Environment(NamedTuple):
    """One file of `configs/environments/`; what is wrong with it is told elsewhere, and counts as not written here."""

    name: str
    path: str
    variables: Mapping[str, Any]
    patches: tuple[Patch, ...]

    def layers(self, dag_id: str, own: Layer) -> tuple[Layer, ...]:
        """The patches of a DAG, the strongest first: its own, then those of the environment from the last on."""
        data = _mapping(own.data.get("environments")).get(self.name)
        written = (Layer(own.path, (*own.route, "environments", self.name), data),) if isinstance(data, dict) else ()
        return (*written, *(patch.layer for patch in reversed(self.patches) if patch.matches(dag_id)))


def environment_of(path: str) -> str | None:
    """The name of the environment that a file holds; none for other files."""
    return path.removeprefix(f"{ENVIRONMENTS}/").rpartition(".")[0] if path.startswith(f"{ENVIRONMENTS}/") else None


def read_environment(name: str, document: Document) -> Environment:
    """The environment that a document holds."""
    data = _mapping(document.data)
    return Environment(name, document.path, _mapping(data.get("vars")), tuple(_patches(document.path, data)))


def _patches(path: str, data: Mapping[str, Any]) -> Iterator[Patch]:
    listed = data.get("patches")
    for index, each in enumerate(listed if isinstance(listed, list) else ()):
        named, values = _mapping(each).get("dags"), _mapping(each).get("set")
        patterns = (named,) if isinstance(named, str) else tuple(named) if isinstance(named, list) else ()
        if named is not None and isinstance(values, dict):
            layer = Layer(path, ("patches", index, "set"), values)
            yield Patch(tuple(each for each in patterns if isinstance(each, str)), layer)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
