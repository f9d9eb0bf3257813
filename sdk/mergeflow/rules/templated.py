"""The texts of a project that Airflow renders: where they stand, and what they ask for."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from mergeflow.dag import Dag, Node
from mergeflow.diagnostic import Place, Route
from mergeflow.model import SHAPES
from mergeflow.project import Project
from mergeflow.rules.known import BUILDER_KEYS, Known
from mergeflow.rules.template_context import EXTENSIONS
from mergeflow.tasks import TaskTypeError, entry_of, is_typed

if TYPE_CHECKING:
    from mergeflow.rules.templates import Template

_MOST_TO_PARSE = 100_000
"""Characters of one file that Jinja is asked about; for more it would take its time."""
_NOT_RENDERED = SHAPES["Task"].keys.keys() | BUILDER_KEYS | {"python_callable"}
"""Keys of a task with a decorator that are no arguments of its function."""


ENDS = tuple(sorted({end for ends in EXTENSIONS.values() for end in ends}))
NAMES_FILE = re.compile(rf"(?:{'|'.join(map(re.escape, ENDS))})(?![\w.])")


class Rendered(NamedTuple):
    """A text that Airflow renders, at a route from its DAG."""

    dag: Dag
    task: Node
    key: str
    """The parameter that it is, or is a part of."""
    route: Route
    text: str
    file: str = ""
    """The file that the text comes from; empty where it stands in the config."""

    @property
    def place(self) -> Place:
        """The value that holds the text, or the name of its file."""
        return self.dag.place(*self.route)


def templates_in(project: Project, known: Known) -> "list[tuple[Rendered, Template]]":
    """Every text with Jinja that Airflow renders, as far as the catalog tells, and what it asks for."""
    return project.kept("templates", known, lambda: list(_templates(project, known)))


def _templates(project: Project, known: Known) -> "Iterator[tuple[Rendered, Template]]":
    left: dict[str, int] = {}
    for rendered in rendered_in(project, known, _may_render, lambda text: has_jinja(text) or text.endswith(ENDS)):
        if end_of(rendered, known):
            file = known.code.text(rendered.text) if known.code else None
            if file is None or not has_jinja(file[1]):
                continue
            rendered = rendered._replace(file=file[0], text=file[1])  # noqa: PLW2901 - the file in its name's place
        from mergeflow.rules.templates import read_plain, read_template

        text, path = rendered.text, rendered.dag.path
        found = read_plain(text)
        if found is None:
            left[path] = left.get(path, _MOST_TO_PARSE) - len(text)
            found = read_template(text) if left[path] >= 0 else None
        if found is not None:
            yield rendered, found


def has_jinja(text: str) -> bool:
    """Whether Jinja would find anything to do in a text."""
    return "{" in text and ("{{" in text or "{%" in text or "{#" in text)


def _may_render(text: str) -> bool:
    return has_jinja(text) or NAMES_FILE.search(text) is not None


def end_of(rendered: Rendered, known: Known) -> str | None:
    """The end by which Airflow takes a text for a file's name, if it does."""
    if not rendered.text.endswith(ENDS):
        return None
    path = rendered.task.config.get("operator")
    entry = known.catalog.operator(path) if isinstance(path, str) else None
    ends = EXTENSIONS.get(entry.path, ()) if entry else ()
    return next((each for each in ends if rendered.text.endswith(each)), None)


def rendered_in(
    project: Project, known: Known, concerns: Callable[[str], object], wanted: Callable[[str], bool]
) -> Iterator[Rendered]:
    """Every text that Airflow renders and that is wanted, in the files whose text concerns the caller."""
    fields_of: dict[str, frozenset[str]] = {}
    concerned = {path for path, document in project.documents.items() if concerns(document.text)}
    in_defaults = any(each.path in concerned for each in project.defaults)
    for dag in project.dags:
        if not in_defaults and dag.path not in concerned:
            continue
        defaults = dag.config.get("default_args")
        for task in dag.tasks.values():
            config, operator = task.config, task.config.get("operator")
            fields = fields_of.get(operator) if isinstance(operator, str) else None
            if fields is None:
                fields = _fields(config, known)
                if isinstance(operator, str):
                    fields_of[operator] = fields
            for set_here, route in _configs(task, fields, defaults):
                for key in fields.intersection(set_here):
                    value = set_here[key]
                    if not isinstance(value, str):
                        below = _texts(value, (*route, key))
                        yield from (Rendered(dag, task, key, *each) for each in below if wanted(each[1]))
                    elif wanted(value):
                        yield Rendered(dag, task, key, (*route, key), value)


def _configs(task: Node, fields: frozenset[str], defaults: object) -> list[tuple[Mapping[str, Any], Route]]:
    """Where the parameters of a task are set, each with its route from the DAG."""
    found: list[tuple[Mapping[str, Any], Route]] = [(task.config, task.route)]
    if isinstance(defaults, dict) and not fields.isdisjoint(defaults):
        found.append(({key: each for key, each in defaults.items() if key not in task.config}, ("default_args",)))
    if "expand" in task.config or "partial" in task.config:
        mapped = ((form, task.config.get(form)) for form in ("partial", "expand"))
        found += [(each, (*task.route, form)) for form, each in mapped if isinstance(each, dict)]
    return found


def _fields(config: Mapping[str, Any], known: Known) -> frozenset[str]:
    """The keys of a task that Airflow renders; none where the catalog does not know them."""
    operator, decorator = config.get("operator"), config.get("decorator")
    if is_typed(config):
        return frozenset(_of_type(config["type"]))
    if isinstance(operator, str):
        entry = known.catalog.operator(operator)
        return frozenset(name for name, each in entry.parameters.items() if each.template) if entry else frozenset()
    if not isinstance(decorator, str) or known.catalog.decorator(decorator) is None:
        return frozenset()
    mapped = (config.get(form) for form in ("expand", "partial"))
    arguments = {key for each in (config, *mapped) if isinstance(each, dict) for key in each}
    return frozenset(key for key in arguments if isinstance(key, str)) - _NOT_RENDERED - known.catalog.common


def _of_type(name: object) -> tuple[str, ...]:
    try:
        entry = entry_of(name)
    except TaskTypeError:
        entry = None
    return entry.templates if entry else ()


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
