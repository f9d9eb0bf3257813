"""The texts of a project that Airflow renders: where they stand, and what they ask for."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mergeflow.diagnostic import Route
from mergeflow.model import SHAPES
from mergeflow.project import Dag, Node, Project
from mergeflow.rules.known import BUILDER_KEYS, Known
from mergeflow.rules.templates import NoTemplate, Template, has_jinja, read_plain, read_template

_MOST_TO_PARSE = 100_000
"""Characters of one file that Jinja is asked about; for more it would take its time."""
_NOT_RENDERED = SHAPES["Task"].keys.keys() | BUILDER_KEYS | {"python_callable"}
"""Keys of a task with a decorator that are no arguments of its function."""


class Rendered(NamedTuple):
    """A text that Airflow renders, at a route from its DAG."""

    dag: Dag
    task: Node
    key: str
    """The parameter that it is, or is a part of."""
    route: Route
    text: str


def templates_in(project: Project, known: Known) -> Iterator[tuple[Rendered, Template | NoTemplate]]:
    """Every text with Jinja that Airflow renders, as far as the catalog tells, and what it asks for."""
    in_defaults = any(has_jinja(each.text) for each in project.defaults)
    left: dict[str, int] = {}
    for dag in project.dags:
        if not in_defaults and not has_jinja(project.documents[dag.path].text):
            continue
        for rendered in rendered_in(dag, known):
            text = rendered.text
            if not has_jinja(text):
                continue
            found: Template | NoTemplate | None = read_plain(text)
            if found is None:
                left[dag.path] = left.get(dag.path, _MOST_TO_PARSE) - len(text)
                found = read_template(text) if left[dag.path] >= 0 else None
            if found is not None:
                yield rendered, found


def rendered_in(dag: Dag, known: Known) -> Iterator[Rendered]:
    """Every text of a DAG that Airflow renders, whether or not there is Jinja in it."""
    defaults = dag.config.get("default_args")
    for task in dag.tasks.values():
        fields = _fields(task, known)
        if not fields:
            continue
        for config, route in _configs(task, defaults):
            for key in fields.intersection(config):
                for below, text in _texts(config[key], (*route, key)):
                    yield Rendered(dag, task, key, below, text)


def _fields(task: Node, known: Known) -> frozenset[str]:
    """The keys of a task that Airflow renders; none where the catalog does not know them."""
    operator, decorator = task.config.get("operator"), task.config.get("decorator")
    if isinstance(operator, str):
        entry = known.catalog.operator(operator)
        return frozenset(name for name, each in entry.parameters.items() if each.template) if entry else frozenset()
    if not isinstance(decorator, str) or known.catalog.decorator(decorator) is None:
        return frozenset()
    mapped = (task.config.get(key) for key in ("expand", "partial"))
    arguments = (key for each in (task.config, *mapped) if isinstance(each, dict) for key in each)
    own = (key for key in arguments if isinstance(key, str))
    return frozenset(own) - _NOT_RENDERED - known.catalog.common


def _configs(task: Node, defaults: object) -> Iterator[tuple[Mapping[Any, Any], Route]]:
    """Where a task's parameters may stand, each with its route from the DAG."""
    yield task.config, task.route
    for key in ("partial", "expand"):
        if isinstance(mapped := task.config.get(key), dict):
            yield mapped, (*task.route, key)
    if isinstance(defaults, dict):
        yield {key: each for key, each in defaults.items() if key not in task.config}, ("default_args",)


def _texts(value: object, route: Route) -> Iterator[tuple[Route, str]]:
    if isinstance(value, str):
        yield route, value
        return
    pairs: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict) and "__type__" not in value:
        pairs = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    for key, each in pairs:
        if isinstance(each, str | dict | list):
            yield from _texts(each, (*route, key))


def macros_of(dag: Dag) -> frozenset[str] | None:
    """The names that a DAG adds for its templates; none where they cannot be known."""
    macros = dag.config.get("user_defined_macros") or {}
    if not isinstance(macros, dict) or "__type__" in macros:
        return None
    return frozenset(name for name in macros if isinstance(name, str))
