"""Compiled DAGs kept in a file, so that another release of this package can be compared with the one that wrote it.

Values are as JSON has them, and without secrets; so is whatever they are compared with.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from mergeflow.compiler import CompiledDag
from mergeflow.dag import NODE_LISTS, Dag
from mergeflow.layers import Layer, Layers
from mergeflow.plan.sides import Side
from mergeflow.plan.values import concealed, plain

VERSION = 1
"""Goes up when a field changes its meaning or goes away, not when one is added."""


class NotKept(ValueError):
    """A text that holds no compiled DAGs; it says why, as the end of a sentence."""


class Kept(NamedTuple):
    """Compiled DAGs, and the release that has compiled them."""

    release: str
    dags: tuple[CompiledDag, ...]


def kept(dags: Iterable[CompiledDag], release: str) -> dict[str, Any]:
    """Compiled DAGs as a value for JSON, by id."""
    listed = sorted(map(comparable, dags), key=lambda each: each.dag_id)
    of_each = [{"dag_id": each.dag_id, "path": each.path, "config": each.config} for each in listed]
    return {"version": VERSION, "mergeflow": release, "dags": of_each}


def comparable(dag: CompiledDag) -> CompiledDag:
    """A DAG as it would be after it was kept."""
    return replace(dag, config=plain(concealed("", dag.config)))


def read(text: str) -> Kept:
    """What `kept` has made. Raises NotKept."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise NotKept("it is not JSON") from None
    if not isinstance(data, dict) or data.get("version") != VERSION:
        raise NotKept(f"it has no `version` {VERSION}")
    listed = data.get("dags")
    if not isinstance(listed, list) or not all(map(_is_dag, listed)):
        raise NotKept("its `dags` are no list of compiled DAGs")
    dags = (CompiledDag(each["dag_id"], each["path"], each["config"], "") for each in listed)
    return Kept(str(data.get("mergeflow", "")), tuple(dags))


def side_of(dags: Iterable[CompiledDag], beside: Side) -> Side:
    """The side that these DAGs make, with the files of another."""
    listed = tuple(dags)
    return replace(beside, compiled=listed, made={each.dag_id: _dag(each) for each in listed})


def _dag(compiled: CompiledDag) -> Dag:
    own = Layer(compiled.path, (compiled.dag_id,), compiled.config)
    return Dag(compiled.dag_id, compiled.path, Layers(own, Layer(compiled.path, ("default",), {}), ()))


def _is_dag(value: object) -> bool:
    if not isinstance(value, dict) or not all(isinstance(value.get(key), str) for key in ("dag_id", "path")):
        return False
    config = value.get("config")
    return isinstance(config, dict) and all(_are_nodes(config.get(key), name) for key, name in NODE_LISTS)


def _are_nodes(listed: object, name_key: str) -> bool:
    """Whether these are tasks or task groups, in either form."""
    if isinstance(listed, dict):
        return all(isinstance(each, dict) for each in listed.values())
    if isinstance(listed, list):
        return all(isinstance(each, dict) and isinstance(each.get(name_key), str) for each in listed)
    return listed is None
