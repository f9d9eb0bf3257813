"""One DAG's effective config, and beside each value the place that has set it."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from mergeflow.dag import NODE_LISTS, Dag
from mergeflow.diagnostic import Note, Route
from mergeflow.model.shape import is_built
from mergeflow.project import Project
from mergeflow.render.spelled import spelled
from mergeflow.render.text import BLUE, BOLD, RESET, printable, width_of

LONGEST = 50
"""How many characters of a value are printed."""

_STRUCK = "\x1b[9m"

_NAMES = dict(NODE_LISTS)
_LISTS = tuple((key,) for key in _NAMES)


class Row(NamedTuple):
    """A key, its value, where it is set, and what that overrides; a mapping has its rows below it."""

    route: Route
    name: str
    value: str
    where: str = ""
    overrides: tuple[Note, ...] = ()

    @property
    def depth(self) -> int:
        """How far in it stands."""
        return len(self.route)


def rows(project: Project, dag: Dag) -> Iterator[Row]:
    """Every value of a DAG, in the order of its effective config."""
    return _rows(project, dag, (), dag.config)


def render(project: Project, dag: Dag, *, color: bool = False) -> str:
    """The whole DAG, in three columns: key, value, place."""
    listed = list(rows(project, dag))
    left = max((2 * row.depth + width_of(printable(row.name)) for row in listed), default=0)
    middle = max((width_of(row.value) for row in listed), default=0)
    head = printable(dag.dag_id)
    lines = (_line(row, left, middle, color=color) for row in listed)
    return "\n".join([f"{BOLD}{head}{RESET}" if color else head, *_made(project, dag), *lines])


def as_json(project: Project, dag: Dag) -> str:
    """The effective config, and for each value that is no mapping the places that set it, the first of which counts."""
    origins = [
        {"route": row.route, "set_at": row.where, "overrides": [str(each.location) for each in row.overrides]}
        for row in rows(project, dag)
        if row.where
    ]
    content = {"version": 1, "dag_id": dag.dag_id, "path": dag.path, "config": dag.config, "origins": origins}
    return json.dumps(content, indent=1, default=str)


def _rows(project: Project, dag: Dag, route: Route, value: Any) -> Iterator[Row]:
    for segment, name, each in _entries(route, value):
        at = (*route, segment)
        has_rows = isinstance(each, dict) and each and not is_built(each)
        if has_rows or (isinstance(each, list) and at in _LISTS):
            yield Row(at, name, "")
            yield from _rows(project, dag, at, each)
        else:
            yield _leaf(project, dag, at, name, each)


def _entries(route: Route, value: Any) -> Iterator[tuple[str | int, str, Any]]:
    """The entries of a mapping, or of a list of tasks or groups, whose entries have names."""
    if isinstance(value, dict):
        yield from ((key, str(key), each) for key, each in value.items())
        return
    name_key = _NAMES[str(route[-1])]
    for i, each in enumerate(value):
        yield i, str(each.get(name_key, i)) if isinstance(each, dict) else str(i), each


def _leaf(project: Project, dag: Dag, route: Route, name: str, value: Any) -> Row:
    (place, _), *others = dag.layers.setters(route) or [(dag.place(*route), None)]
    overrides = tuple(Note(project.locate(other), _short(each)) for other, each in others)
    return Row(route, name, _short(value), str(project.locate(place)), overrides)


def _line(row: Row, left: int, middle: int, *, color: bool) -> str:
    key = f"{'  ' * row.depth}{printable(row.name)}"
    where = f"{BLUE}{row.where}{RESET}" if color and row.where else row.where
    struck, end = (_STRUCK, RESET) if color else ("", "")
    over = "".join(f"  (overrides {struck}{each.message}{end}, {each.location})" for each in row.overrides)
    return f"{_padded(key, left + 2)}  {_padded(row.value, middle)}  {where}{over}".rstrip()


def _padded(text: str, width: int) -> str:
    return text + " " * (width - width_of(text))


def _made(project: Project, dag: Dag) -> Iterator[str]:
    """What the DAG was made from, where it was made."""
    template, made = dag.layers.template, dag.layers.made
    if template:
        yield f"  made from {template.path}"
    if made and made.place.route != dag.layers.own.route:
        yield f"  made for {project.locate(made.place)}"


def _short(value: Any) -> str:
    text = printable(spelled(value))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
