"""Environments: what is different where DAGs run, as variables and patches beside the configs."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mergeflow.diagnostic import Place, Problem
from mergeflow.document import Document
from mergeflow.files import ENVIRONMENTS
from mergeflow.globs import is_pattern, matches
from mergeflow.layers import Layer

MOST_PATCHES = 200
"""Patches of one environment, and patterns in all of them: each is held against every DAG. Names are not counted."""


class Patch(NamedTuple):
    """What some DAGs have otherwise; `layer` is what is set."""

    patterns: tuple[str, ...]
    layer: Layer
    names: frozenset[str]
    """Those of `patterns` that match nothing but themselves."""
    open: tuple[str, ...]
    """The others."""

    def matches(self, dag_id: str) -> bool:
        """Whether it is about this DAG."""
        return dag_id in self.names or any(matches(dag_id, pattern) for pattern in self.open)


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
    """The environment that a document holds; of too many patches, none."""
    data = _mapping(document.data)
    patches = () if too_many_patches(document) else tuple(_patches(document.path, data))
    return Environment(name, document.path, _mapping(data.get("vars")), patches)


def too_many_patches(document: Document) -> Problem | None:
    """A problem where an environment has more patches, or more patterns in them, than somebody would write."""
    listed = _mapping(document.data).get("patches")
    if not isinstance(listed, list):
        return None
    number, noun = len(listed), "patches"
    if number <= MOST_PATCHES:
        number, noun = sum(map(is_pattern, (name for each in listed for name in _named(each)))), "patterns of dag_ids"
    if number <= MOST_PATCHES:
        return None
    message = f"these are {number:,} {noun}, and {MOST_PATCHES:,} are the most"
    return Problem(
        "invalid-value", message, Place(document.path, ("patches",)), "let one patch be about more DAGs, or name them"
    )


def _patches(path: str, data: Mapping[str, Any]) -> Iterator[Patch]:
    listed = data.get("patches")
    for index, each in enumerate(listed if isinstance(listed, list) else ()):
        values = _mapping(each).get("set")
        if _mapping(each).get("dags") is not None and isinstance(values, dict):
            patterns = tuple(_named(each))
            wild = tuple(filter(is_pattern, patterns))
            names = frozenset(patterns).difference(wild)
            yield Patch(patterns, Layer(path, ("patches", index, "set"), values), names, wild)


def _named(patch: object) -> list[str]:
    """The names and patterns of the DAGs that a patch is about."""
    named = _mapping(patch).get("dags")
    listed = [named] if isinstance(named, str) else named
    return [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
