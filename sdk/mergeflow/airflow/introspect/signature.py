"""What a constructor takes by name: its own parameters, and those that it hands on to its parents."""

import ast
import inspect
import json
import textwrap
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import attrs

from mergeflow.airflow.introspect.annotation import notation, widened
from mergeflow.airflow.introspect.docs import parameter_docs
from mergeflow.airflow.introspect.handled import handled_types
from mergeflow.catalog import UNSAID, Parameter

NOT_GIVEN = frozenset({"self", "args", "kwargs", "task_id", "dag", "task_group", "default_args"})
"""Parameters that dag-factory sets itself, and Python's own."""
_COMPUTED = ast.Constant(...)
"""A default that stands nowhere in the signature."""
TOO_NARROW = {"follow_task_ids_if_true": "str|list", "follow_task_ids_if_false": "str|list"}
"""What is annotated as a list only, and documented and used as one task id or several."""


def parameters_of(kind: type[Any], without: frozenset[str] = frozenset()) -> dict[str, Parameter]:
    """The parameters of a class, the nearest definition of each; what a class sets itself, nobody else can give."""
    found: dict[str, tuple[ast.arg, ast.expr | None]] = {}
    closed, filled = set(NOT_GIVEN | without), set[str]()
    for each in kind.__mro__:
        init = own_init(each)
        if init is None:
            continue
        own = dict(_own(init))
        for name, (argument, default) in own.items():
            if name not in found and name not in closed:
                found[name] = argument, default or (_COMPUTED if name in filled else None)
        filled |= set(_filled_in(init))
        closed |= _set_for_parents(init) - own.keys()
        if init.args.kwarg is None:
            break
    templates, docs = set(getattr(kind, "template_fields", ())), parameter_docs(kind)
    handled = handled_types(kind)
    return {
        name: Parameter(
            TOO_NARROW.get(name)
            or _modes(kind, name)
            or widened(notation(argument.annotation, default), handled.get(name, ())),
            _as_json(default),
            name in templates,
            docs.get(name, ""),
        )
        for name, (argument, default) in found.items()
        if not name.startswith("_")
    }


def _modes(kind: type[Any], name: str) -> str:
    """The texts that a sensor takes for its `mode`, which it says outside its signature."""
    return "|".join(f"'{each}'" for each in getattr(kind, "valid_modes", ())) if name == "mode" else ""


def parameters_of_attrs(kind: type[Any]) -> dict[str, Parameter]:
    """The parameters of a class whose constructor attrs writes."""
    docs = parameter_docs(kind)
    taken: dict[str, Parameter] = {}
    for each in getattr(kind, "__attrs_attrs__", ()):
        if each.init:
            annotation = each.type if isinstance(each.type, str) else getattr(each.type, "__name__", "Any")
            type_ = notation(ast.parse(annotation, mode="eval").body)
            default = "" if each.default is attrs.NOTHING else _plain(each.default)
            taken[each.alias] = Parameter(type_, default, description=docs.get(each.alias, ""))
    return taken


def is_by_attrs(kind: type[Any]) -> bool:
    """Whether a class's constructor is one that attrs has written."""
    code = getattr(kind.__init__, "__code__", None)
    return hasattr(kind, "__attrs_attrs__") and code is not None and "attrs generated" in code.co_filename


@cache
def own_init(kind: type[Any]) -> ast.FunctionDef | None:
    """The constructor that a class itself defines, as a syntax tree."""
    init = vars(kind).get("__init__")
    return _tree(inspect.unwrap(init)) if inspect.isfunction(init) else None


def _tree(function: Callable[..., Any]) -> ast.FunctionDef | None:
    try:
        parsed = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, SyntaxError, IndexError):
        return None
    return parsed if isinstance(parsed, ast.FunctionDef) else None


def _own(init: ast.FunctionDef) -> Iterator[tuple[str, tuple[ast.arg, ast.expr | None]]]:
    args = init.args
    positional = [*args.posonlyargs, *args.args]
    missing: list[ast.expr | None] = [None] * (len(positional) - len(args.defaults))
    for argument, default in zip(positional, [*missing, *args.defaults], strict=True):
        yield argument.arg, (argument, default)
    for argument, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield argument.arg, (argument, default)
    if args.kwarg is not None:
        for name in _taken_from(init, args.kwarg.arg):
            yield name, (ast.arg(name), _COMPUTED)


def _filled_in(init: ast.FunctionDef) -> Iterator[str]:
    """The names that a constructor puts into its `**kwargs` by hand, so that its parents never miss them."""
    kwargs = init.args.kwarg.arg if init.args.kwarg else ""
    for node in ast.walk(init):
        key: ast.expr | None = None
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == kwargs:
            key = node.slice
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == f"{kwargs}.setdefault" and node.args:
            key = node.args[0]
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value


def _taken_from(init: ast.FunctionDef, kwargs: str) -> Iterator[str]:
    """The names that a constructor takes out of its `**kwargs` by hand."""
    for node in ast.walk(init):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in (f"{kwargs}.pop", f"{kwargs}.get"):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def _set_for_parents(init: ast.FunctionDef) -> set[str]:
    """What every call of the parent's constructor sets by name."""
    calls = [
        {keyword.arg for keyword in node.keywords if keyword.arg}
        for node in ast.walk(init)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__"
    ]
    return set.intersection(*calls) if calls else set()


def _as_json(default: ast.expr | None) -> str:
    if default is None:
        return ""
    try:
        return _plain(ast.literal_eval(default))
    except ValueError:
        return UNSAID  # a name or a call: what it yields depends on the machine


def _plain(value: object) -> str:
    """A default as JSON; one that JSON cannot say, or that would break the notation, is left unsaid."""
    if isinstance(value, tuple):
        value = list(value)
    if not isinstance(value, str | int | float | bool | list | Mapping | None):
        return UNSAID
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return UNSAID
    return UNSAID if "  # " in text or len(text) > 80 else text
