"""An annotation as the catalog has it: a union of names, read from the source text."""

import ast
from collections.abc import Iterable

_AS_PLAIN = {
    "Sequence": ("list", "str"),
    "MutableSequence": ("list",),
    "Iterable": ("list", "str"),
    "Collection": ("list", "str"),
    "Container": ("list", "str"),
    "Mapping": ("dict",),
    "MutableMapping": ("dict",),
    "List": ("list",),
    "Dict": ("dict",),
    "Text": ("str",),
    "NoneType": ("None",),
    "ArgNotSet": (),
}
"""What plain YAML has for the abstract types: `Sequence[str]` takes a text, too. `ArgNotSet` is what nobody gives."""


def notation(annotation: ast.expr | None, default: ast.expr | None = None) -> str:
    """A parameter's type; a default of None widens it, as it did before Python had `| None`."""
    names = list(dict.fromkeys(_names(annotation))) if annotation else ["Any"]
    if isinstance(default, ast.Constant) and default.value is None and not {"None", "Any", "object"} & {*names}:
        names.append("None")
    return "|".join(sorted(names, key="None".__eq__))


def widened(type_: str, names: Iterable[str]) -> str:
    """A type with more names in its union; an unknown one stays as it is."""
    every = dict.fromkeys([*type_.split("|"), *names])
    if "float" in every and "int" not in type_:
        every.pop("int", None)  # a float may be written as a whole number anyway
    return type_ if "Any" in every else "|".join(sorted(every, key="None".__eq__))


def _names(node: ast.expr) -> list[str]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_names(node.left), *_names(node.right)]
    if isinstance(node, ast.Constant):
        return _of_constant(node.value)
    if isinstance(node, ast.Subscript):
        return _of_subscript(_last(node.value), node.slice)
    name = _last(node)
    return list(_AS_PLAIN.get(name, (name,)))


def _of_constant(value: object) -> list[str]:
    """`None`, or an annotation in quotes."""
    if value is None:
        return ["None"]
    return _names(ast.parse(value, mode="eval").body) if isinstance(value, str) else ["Any"]


def _of_subscript(name: str, inside: ast.expr) -> list[str]:
    parts = inside.elts if isinstance(inside, ast.Tuple) else [inside]
    match name:
        case "Union":
            return [each for part in parts for each in _names(part)]
        case "Optional":
            return [*_names(parts[0]), "None"]
        case "Annotated" | "Required" | "NotRequired" | "Final":
            return _names(parts[0])
        case "Literal":
            return [each for part in parts for each in _of_literal(part)]
    plain = _AS_PLAIN.get(name, (name,))
    of_texts = {"str", "Any", "object"} & {each for part in parts for each in _names(part)}
    return [each for each in plain if each != "str" or of_texts]


def _of_literal(part: ast.expr) -> list[str]:
    value = part.value if isinstance(part, ast.Constant) else ...
    if isinstance(value, str) and value and not set(value) & set("|'#= "):
        return [f"'{value}'"]
    return ["None"] if value is None else ["Any"]


def _last(node: ast.expr) -> str:
    """The last name of `a.b.C`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else "Any"
