"""The types that a function's parameters are annotated with, where these are types that YAML has."""

import _ast
from collections.abc import Mapping

Types = tuple[str, ...]
"""Names of types, one of which a value must be of."""

_PLAIN = frozenset({"str", "int", "float", "bool", "list", "dict"})


def types_of(arguments: _ast.arguments) -> Mapping[str, Types]:
    """What parameters are annotated with, by name; without those whose annotation says something else, or nothing."""
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    return {each.arg: types for each in every if each.annotation and (types := _types(each.annotation))}


def _types(annotation: _ast.expr) -> Types:
    if isinstance(annotation, _ast.Name):
        return (annotation.id,) if annotation.id in _PLAIN else ()
    if isinstance(annotation, _ast.Constant):
        return ("None",) if annotation.value is None else ()
    if isinstance(annotation, _ast.Subscript) and isinstance(annotation.value, _ast.Name):
        if annotation.value.id == "Optional":
            inner = _types(annotation.slice)
            return (*inner, "None") if inner else ()
        return (annotation.value.id,) if annotation.value.id in ("list", "dict") else ()
    if isinstance(annotation, _ast.BinOp) and isinstance(annotation.op, _ast.BitOr):
        left, right = _types(annotation.left), _types(annotation.right)
        return (*left, *right) if left and right else ()
    return ()
