"""What configs name besides operators, with arguments: timetables and time spans after `__type__`, notifiers."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mergeflow.catalog import Operator, Parameter
from mergeflow.diagnostic import Place, Route, has
from mergeflow.project import Project
from mergeflow.rules.known import Known

_MARKS = ("__type__", "callback")
"""The keys under which something is named; a text without them is not walked through."""
_NOT_ARGUMENTS = frozenset({"__type__", "__args__", "callback"})

_SPAN = ("days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks")
BUILTIN = {"datetime.timedelta": Operator("datetime.timedelta", dict.fromkeys(_SPAN, Parameter("float", "0")))}
"""What no catalog needs to know, for it is Python's own."""


class Named(NamedTuple):
    """A timetable, time span or notifier that is named with arguments, where its mapping stands."""

    entry: Operator
    place: Place
    arguments: Mapping[str, Any]
    """By name."""
    positional: bool
    """Whether there are arguments without a name, too."""


def named(project: Project, known: Known) -> list[Named]:
    """Every timetable, time span and notifier that is known, where it is written: also in defaults, and there once."""
    return project.kept("named with arguments", known, lambda: list(_named(project, known)))


def _named(project: Project, known: Known) -> Iterator[Named]:
    for place, key, mapping in namings(project) if known.catalog else ():
        entry = known.catalog.notifier(mapping[key])
        if entry is None and key == "__type__":
            entry = known.catalog.timetable(mapping[key]) or BUILTIN.get(mapping[key])
        if entry:
            whole = mapping if entry.path in BUILTIN else _effective(project, place.path, place.route) or mapping
            arguments = {name: value for name, value in whole.items() if name not in _NOT_ARGUMENTS}
            yield Named(entry, place, arguments, "__args__" in whole)


def namings(project: Project) -> list[tuple[Place, str, Mapping[Any, Any]]]:
    """Every mapping that names something with arguments: where it stands, under which key, and the whole."""
    return project.kept("namings", None, lambda: list(_namings(project)))


def _namings(project: Project) -> Iterator[tuple[Place, str, Mapping[Any, Any]]]:
    for path, document in project.documents.items():
        if any(mark in document.text for mark in _MARKS):
            for route, mapping in _mappings(document.data, ()):
                for key in _MARKS:
                    if isinstance(mapping.get(key), str):
                        yield Place(path, route), key, mapping
                        break


def _mappings(data: object, route: Route) -> Iterator[tuple[Route, Mapping[Any, Any]]]:
    """Every mapping of a document that names something."""
    if isinstance(data, dict):
        if "__type__" in data or "callback" in data:
            yield route, data
        for key, value in data.items():
            if isinstance(value, dict | list):
                yield from _mappings(value, (*route, key))
    elif isinstance(data, list):
        for i, value in enumerate(data):
            if isinstance(value, dict | list):
                yield from _mappings(value, (*route, i))


def _effective(project: Project, path: str, route: Route) -> Mapping[str, Any] | None:
    """What stands there after all defaults: these may add arguments to a callback."""
    dags = project.kept("by name", None, lambda: {(dag.path, dag.dag_id): dag for dag in reversed(project.dags)})
    dag = dags.get((path, str(route[0]))) if route else None
    if dag is None:
        return None
    found: Any = dag.config
    for segment in route[1:]:
        found = found[segment] if has(found, segment) else None
    return found if isinstance(found, dict) else None
