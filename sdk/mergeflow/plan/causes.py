"""Through what a DAG changes that nobody has touched: a default, a template, its items, its environment, its code."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from mergeflow.dag import Dag, Node
from mergeflow.diagnostic import Place, Route
from mergeflow.plan.changes import ABSENT, DagChange, FieldChange, Kind, NodeChange
from mergeflow.plan.sides import Side
from mergeflow.plan.values import same

_OWN = ""


class Causes:
    """Finds what makes DAGs change; `touched` are the paths of the files that differ.

    `otherwise` is what else may: another release that has compiled them.
    """

    def __init__(self, before: Side, after: Side, touched: Collection[str], otherwise: str = _OWN) -> None:
        self._before = before
        self._after = after
        self._touched = frozenset(touched)
        self._otherwise = otherwise

    def told(self, change: DagChange) -> DagChange:
        """A change with the place that brings each of its parts about, unless that is the DAG itself."""
        old, new = self._before.dags.get(change.was or change.dag_id), self._after.dags.get(change.dag_id)
        if change.kind is not Kind.CHANGED or change.was_in or old is None or new is None:
            return change
        is_own = self._is_own(old, new)
        fields = tuple(
            replace(each, through=self._through(each, (), (), old, new, is_own=is_own)) for each in change.fields
        )
        nodes = tuple(self._told_node(each, old, new, is_own=is_own) for each in change.nodes)
        places = [each.through for each in fields] + [
            each for node in nodes for each in self._of(node, old, new, is_own)
        ]
        found = dict.fromkeys(place for place in places if place != _OWN)
        return replace(
            change,
            fields=fields,
            nodes=nodes,
            through=tuple(sorted(found)),
            indirect=bool(places) and _OWN not in places,
        )

    def _told_node(self, change: NodeChange, old: Dag, new: Dag, *, is_own: bool) -> NodeChange:
        was, now = _node(old, change.noun, change.was or change.name), _node(new, change.noun, change.name)
        routes = was.route if was else (), now.route if now else ()
        told = (self._through(each, routes[0], routes[1], old, new, is_own=is_own) for each in change.fields)
        fields = (replace(each, through=through) for each, through in zip(change.fields, told, strict=True))
        return replace(change, fields=tuple(fields))

    def _of(self, node: NodeChange, old: Dag, new: Dag, is_own: bool) -> Iterable[str]:  # noqa: FBT001
        if node.kind is Kind.CHANGED:
            return [each.through for each in node.fields]
        side, dag, name = (
            (self._before, old, node.was or node.name) if node.kind is Kind.REMOVED else (self._after, new, node.name)
        )
        found = _node(dag, node.noun, name)
        return [self._cause(side, dag, dag.place(*(found.route if found else ())), is_own=is_own)]

    def _through(  # noqa: PLR0913
        self, change: FieldChange, before: Route, after: Route, old: Dag, new: Dag, *, is_own: bool
    ) -> str:
        """What has set a field; where it is set no more, what set it before."""
        side, dag, base = (self._before, old, before) if change.after is ABSENT else (self._after, new, after)
        route = (*base, *_route(dag, base, change.name))
        found = self._cause(side, dag, dag.place(*route), is_own=is_own)
        if found == _OWN and not is_own and change.after is not ABSENT:
            other = (*before, *_route(old, before, change.name))
            return self._cause(self._before, old, old.place(*other), is_own=is_own)
        return found

    def _cause(self, side: Side, dag: Dag, place: Place, *, is_own: bool) -> str:
        in_defaults = place.path != dag.path or place.route[:1] == ("default",)
        if in_defaults and place.path in self._touched:
            return side.line(place)
        if is_own:
            return _OWN
        beside = (*side.project.made_from.get(dag.path, ()), *self._environments(side))
        others = [path for path in beside if path in self._touched]
        if others and dag.layers.made and dag.layers.made.place.path in others:
            return side.line(dag.layers.made.place)
        return min(others, default=self._otherwise)

    def _environments(self, side: Side) -> list[str]:
        return [each.path for name, each in side.project.environments.items() if name == side.project.environment]

    def _is_own(self, old: Dag, new: Dag) -> bool:
        """Whether the text of the DAG itself says something else than before."""
        if new.path not in self._touched:
            return False
        return not same(_written(self._before, old), _written(self._after, new))


def _written(side: Side, dag: Dag) -> object:
    """What stands in a DAG's file under its key, before anything is made of it."""
    document = side.project.documents.get(dag.path)
    data = document.data if document else None
    return data.get(dag.layers.own.route[0]) if isinstance(data, dict) else None


def _node(dag: Dag, noun: str, name: str) -> Node | None:
    return (dag.tasks if noun == "task" else dag.groups).get(name)


def _route(dag: Dag, base: Route, name: str) -> Route:
    """The way to a setting that a dotted name tells, as far as the DAG has it; keys may have dots themselves."""
    at: object = dag.config
    for segment in base:
        at = at[segment]  # type: ignore[index]
    route: Route = ()
    while name and isinstance(at, dict):
        key = next((key for key in at if name == key or name.startswith(f"{key}.")), None)
        if key is None:
            break
        route, at, name = (*route, key), at[key], name[len(str(key)) + 1 :]
    return route
