"""The layers that a DAG is merged from, with dag-factory's own precedence.

dag-factory merges in an order that no one would guess, and existing repositories depend on it
(source: `_DagFactory.build_dags` and `utils.merge_configs` of dag-factory 1.1):

* `default_args`: the DAG's own, then the file's `default` block, then each `defaults.yml` from the nearest to the root;
* any other key: the DAG's own, then each `defaults.yml` from the nearest to the root (whole values), then the file's
  `default` block (mappings merged);
* `alerts`, which dag-factory does not know: as `default_args`, so that who adds one for retries keeps the others;
* `tags`: the DAG's own; else those of all `defaults.yml` files, united and sorted; else the `default` block's.
"""

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any, NamedTuple

from mergeflow.diagnostic import Made, Part, Place, Route, has
from mergeflow.model.shape import is_built

_BY_KEY = ("default_args", "alerts")
"""What is merged key by key over all layers."""
_NOT_BUILT = ("environments", "tests")
"""What a DAG says of itself that is no part of it."""


class Layer(NamedTuple):
    """A mapping that contributes to a DAG, and where it stands."""

    path: str
    route: Route
    data: Mapping[str, Any]

    def value(self, route: Route) -> Any:
        """The value that this layer, which sets it, has for a route."""
        at: Any = self.data
        for segment in route:
            at = at[segment]
        return at

    def sets(self, route: Route) -> bool:
        """Whether this layer sets the value that `route` leads to."""
        at: Any = self.data
        for segment in route:
            if not has(at, segment):
                return False
            at = at[segment]
        return True


class Layers(NamedTuple):
    """What one DAG is made of: itself, its file's `default` block, and `defaults.yml` files, nearest first.

    Between itself and all defaults stands its `template`, if it has one, and before itself the `patches` of the
    environment, the strongest first; of these, mappings are merged.
    """

    own: Layer
    block: Layer
    files: tuple[Layer, ...]
    template: Layer | None = None
    made: Made | None = None
    patches: tuple[Layer, ...] = ()

    def merged(self) -> dict[str, Any]:
        """The effective config, equal to what dag-factory would build from; it shares values with the layers."""
        written: Mapping[str, Any] = reduce(_filled, (each.data for each in self.written))
        config = {**_dag_keys(self.files), **written}
        for key in _NOT_BUILT:
            config.pop(key, None)
        block = dict(self.block.data)
        for key in _BY_KEY:
            merged = {**_united(key, self.files), **_mapping(self.block.data.get(key))}
            if merged or key == "default_args":
                block[key] = merged
        return _filled(config, block)

    def place(self, route: Route, part: Part = "value") -> Place:
        """Where the effective value that `route` leads to is set; the DAG's own key when nothing sets it."""
        found = next((layer for layer in self._in_order(route) if layer.sets(route)), self.own)
        return self.place_in(found, route, part)

    def setters(self, route: Route) -> list[tuple[Place, Any]]:
        """Every layer's value for a route, with its place: the one that counts first, then those that it overrides."""
        layers = (*self._in_order(route), *self.written, *self.files, self.block)
        once = {(layer.path, layer.route): layer for layer in reversed(layers)}
        ordered = sorted(once.values(), key=layers.index)
        return [(self.place_in(layer, route), layer.value(route)) for layer in ordered if layer.sets(route)]

    def place_in(self, layer: Layer, route: Route = (), part: Part = "value") -> Place:
        """The place of a value in one of the layers."""
        return Place(layer.path, (*layer.route, *route), part, self.made if layer in self.written else None)

    @property
    def written(self) -> tuple[Layer, ...]:
        """The layers that are this DAG's rather than defaults: its patches, itself, and its template."""
        return (*self.patches, self.own, self.template) if self.template else (*self.patches, self.own)

    def _in_order(self, route: Route) -> Iterable[Layer]:
        if route[:1] and route[0] in _BY_KEY:
            return (*self.written, self.block, *self.files)
        # Only the first of these counts: it hides the others' whole value.
        if any(layer.sets(route[:1]) for layer in self.written):
            return (*self.written, self.block)
        whole = next((layer for layer in self.files if layer.sets(route[:1])), self.own)
        return (whole, self.block)


def _dag_keys(files: Iterable[Layer]) -> dict[str, Any]:
    """The `defaults.yml` files without their `default_args`: the nearest wins, tags are united."""
    keys: dict[str, Any] = {}
    tags: set[str] = set()
    for layer in reversed(tuple(files)):
        keys |= {key: value for key, value in layer.data.items() if key not in _BY_KEY}
        tags |= {tag for tag in _list(layer.data.get("tags")) if isinstance(tag, str)}
    return keys | ({"tags": sorted(tags)} if "tags" in keys else {})


def _united(key: str, files: Iterable[Layer]) -> dict[str, Any]:
    """What the `defaults.yml` files have under one key, the nearest winning for each key below it."""
    merged: dict[str, Any] = {}
    for layer in reversed(tuple(files)):
        merged |= _mapping(layer.data.get(key))
    return merged


def _filled(config: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """`config` with what only `defaults` has, at every level of mappings; what `__type__` builds is one value."""
    filled = dict(config)
    for key, value in defaults.items():
        if key not in filled:
            filled[key] = value
        elif _is_open(filled[key]) and _is_open(value):
            filled[key] = _filled(filled[key], value)
    return filled


def _is_open(value: object) -> bool:
    return isinstance(value, dict) and not is_built(value)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
