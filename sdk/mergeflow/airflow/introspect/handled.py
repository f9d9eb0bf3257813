"""What a class handles beyond its annotations: where it asks whether a parameter is a text, it takes texts."""

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

_PLAIN = ("str", "int", "float", "bool", "list", "dict")


def handled_types(kind: type[Any]) -> Mapping[str, tuple[str, ...]]:
    """For each name that a class or its parents ask `isinstance` of, the plain types that they ask for."""
    found: dict[str, dict[str, None]] = {}
    for each in kind.__mro__:
        for name, type_ in _asked(each):
            found.setdefault(name, {})[type_] = None
    return {name: tuple(types) for name, types in found.items()}


@cache
def _asked(kind: type[Any]) -> tuple[tuple[str, str], ...]:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    except (OSError, TypeError, SyntaxError):
        return ()
    return tuple(
        (name, type_)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "isinstance" and len(node.args) == 2
        for name in _name(node.args[0])
        for type_ in _types(node.args[1])
    )


def _name(node: ast.expr) -> Iterator[str]:
    """`conf`, or `self.conf`."""
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self":
        yield node.attr


def _types(node: ast.expr) -> Iterator[str]:
    """The plain ones among `str`, `(str, list)` and `str | list`."""
    if isinstance(node, ast.Tuple):
        for each in node.elts:
            yield from _types(each)
    elif isinstance(node, ast.BinOp):
        yield from (*_types(node.left), *_types(node.right))
    elif isinstance(node, ast.Name) and node.id in _PLAIN:
        yield node.id
