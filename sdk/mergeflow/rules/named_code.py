"""Where a DAG's config names Python: by import path, or by a function's name and its file."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mergeflow.code import Code, Looked
from mergeflow.dag import Dag
from mergeflow.diagnostic import Place, Route
from mergeflow.project import Project
from mergeflow.tasks import is_typed

CALLBACKS = tuple(f"on_{each}_callback" for each in ("execute", "success", "failure", "retry", "skipped"))
IN_TASK = frozenset({"python_callable", "execution_date_fn", "operator", "decorator", *CALLBACKS})
"""A task's keys whose text dag-factory imports."""
BY_FILE: Mapping[str, str] = {
    f"{each}_file": f"{each}_name"
    for each in (
        "python_callable", "execution_date_fn", "response_check", "success_check", "failure_check",
        "doc_md_python_callable", *CALLBACKS,
    )
}  # fmt: skip
"""The keys for a function's file, each with the key for its name."""
_KEYS = IN_TASK | BY_FILE.keys()
_IN_DEFAULTS = frozenset({*CALLBACKS, *(f"{each}_file" for each in CALLBACKS)})
_IN_DAG = _IN_DEFAULTS | {"doc_md_python_callable_file"}
"""Elsewhere dag-factory leaves a task's other keys as they are."""
_ANY_VALUE = frozenset({"user_defined_macros", "operator", "decorator", "__type__"})
"""Keys for whatever can be imported; the others are for what can be called with arguments."""


class Named(NamedTuple):
    """Something that a config names: `text` is an import path, or a name in `file`, at a route from the DAG."""

    key: str
    text: str
    route: Route
    file: str | None = None

    @property
    def must_be_callable(self) -> bool:
        """Whether a plain value would be refused."""
        return self.key not in _ANY_VALUE

    def look(self, code: Code) -> Looked:
        """What it turns out to be."""
        return code.find(self.text) if self.file is None else code.find_in(self.file, self.text)

    def place(self, dag: Dag) -> Place:
        """The value to change."""
        return dag.place(*self.route)


def named_in(project: Project) -> list[tuple[Dag, Named]]:
    """Everything that each DAG names: itself, its tasks, its groups, and the defaults that reach them."""
    return project.kept("named code", None, lambda: list(_named_in(project)))


def _named_in(project: Project) -> Iterator[tuple[Dag, Named]]:
    typed = any(each.mentions("__type__") for each in project.defaults)
    for dag in project.dags:
        config = dag.config
        found = _keys(config, (), _IN_DAG)
        found += _keys(config.get("default_args"), ("default_args",), _IN_DEFAULTS)
        if "user_defined_macros" in config:
            found += _macros(config["user_defined_macros"], ("user_defined_macros",))
        for task in dag.tasks.values():
            found += _keys(task.config, task.route)
            if task.config.get("type") == "python" and is_typed(task.config):
                found += _of_type(task.config, task.route)
        for group in dag.groups.values():
            found += _keys(group.config.get("default_args"), (*group.route, "default_args"), _IN_DEFAULTS)
        if typed or project.documents[dag.path].mentions("__type__"):
            found += _types(config, ())
        yield from ((dag, named) for named in found)


def _keys(config: object, route: Route, keys: frozenset[str] = _KEYS) -> list[Named]:
    if not isinstance(config, dict) or keys.isdisjoint(config):
        return []
    return [named for key in keys.intersection(config) if (named := _named(config, key, route)) is not None]


def _of_type(config: Mapping[str, Any], route: Route) -> list[Named]:
    """The function of the task type `python`."""
    text = config.get("callable")
    return [Named("callable", text, (*route, "callable"))] if isinstance(text, str) and text.strip() else []


def _named(config: Mapping[str, Any], key: str, route: Route) -> Named | None:
    """What a key names, unless an installed operator or decorator is meant, as it mostly is."""
    value = config[key]
    if key in BY_FILE:
        name = config.get(BY_FILE[key])
        return Named(key, name, (*route, key), value) if isinstance(value, str) and isinstance(name, str) else None
    if isinstance(value, str):
        if key == "python_callable" and "." not in value and not _takes_import_path(config):
            return None
        installed = key in ("operator", "decorator") and value.startswith("airflow.")
        return None if installed else Named(key, value, (*route, key))
    if key in CALLBACKS and isinstance(value, dict) and isinstance(value.get("callback"), str):
        return Named(key, value["callback"], (*route, key, "callback"))
    return None


def _takes_import_path(config: Mapping[str, Any]) -> bool:
    """Whether `python_callable` is surely imported; an operator of somebody's own may have another use for it."""
    operator = config.get("operator")
    return operator is None or (isinstance(operator, str) and (operator.startswith("airflow.") or "." not in operator))


def _macros(macros: object, route: Route) -> Iterator[Named]:
    for key, value in macros.items() if isinstance(macros, dict) else ():
        if isinstance(value, str):
            yield Named("user_defined_macros", value, (*route, key))
        else:
            yield from _macros(value, (*route, key))


def _types(value: Any, route: Route) -> Iterator[Named]:
    pairs: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, dict):
        pairs = value.items()
        if isinstance(value.get("__type__"), str):
            yield Named("__type__", value["__type__"], (*route, "__type__"))
    elif isinstance(value, list):
        pairs = enumerate(value)
    for key, each in pairs:
        if isinstance(each, dict | list):
            yield from _types(each, (*route, key))
