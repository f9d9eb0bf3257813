"""What a Python module defines, told from its text: nothing is imported and nothing is run.

The syntax tree comes from `compile`, which makes the nodes of `_ast`; to import the module `ast` around them would cost
a check of one file more than everything else that happens here.
"""

import _ast
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from mergeflow.code.types import Types, types_of

_LOOSE = frozenset({"globals", "locals", "vars", "setattr", "exec", "eval", "__import__", "modules"})
"""Names whose use outside a function may define anything."""
_FUNCTIONS = (_ast.FunctionDef, _ast.AsyncFunctionDef, _ast.Lambda)
_PLAIN = (
    _ast.Constant, _ast.List, _ast.Tuple, _ast.Dict, _ast.Set, _ast.JoinedStr,
    _ast.ListComp, _ast.SetComp, _ast.DictComp, _ast.GeneratorExp,
)  # fmt: skip
"""Expressions whose value nobody can call."""


class Parameters(NamedTuple):
    """What a function takes, by kind; `required` have no default."""

    positional: tuple[str, ...]
    by_position_only: frozenset[str]
    by_name_only: tuple[str, ...]
    required: frozenset[str]
    more_positions: bool
    more_names: bool
    types: Mapping[str, Types] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """What can be given by name."""
        return (*(each for each in self.positional if each not in self.by_position_only), *self.by_name_only)


class Definition(NamedTuple):
    """What a name of a module stands for; `target` is where an alias or an import leads, as an absolute path."""

    kind: Literal["function", "class", "value", "alias", "import", "unknown"]
    parameters: Parameters | None = None
    target: str = ""


UNKNOWN = Definition("unknown")


class Module(NamedTuple):
    """A module's names; `loose` when it may have more than its text says. Or what is wrong with it, at a line."""

    names: dict[str, Definition]
    loose: bool = False
    wrong: str = ""
    line: int = 0


def read_module(content: bytes, package: str) -> Module | None:
    """The names of a module in a package; none where the text is too much for the parser."""
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree: Any = compile(content, "<module>", "exec", _ast.PyCF_ONLY_AST, dont_inherit=True)
    except SyntaxError as error:
        return Module({}, wrong=(error.msg or "invalid syntax").partition(" (")[0], line=error.lineno or 1)
    except ValueError as error:  # null bytes
        return Module({}, wrong=str(error), line=1)
    except (RecursionError, MemoryError, OverflowError):
        return None
    try:
        return _module(tree, package)
    except RecursionError:
        return None


def _module(tree: _ast.Module, package: str) -> Module:
    names: dict[str, Definition] = {}
    for statement in tree.body:
        bound = _bound(statement, package)
        names |= dict.fromkeys(_stored(statement), UNKNOWN) if bound is None else bound
    names |= dict.fromkeys(_globals(tree), UNKNOWN)  # a function may bind these at any time
    return Module(names, loose="*" in names or "__getattr__" in names or _is_loose(tree))


def _bound(statement: _ast.stmt, package: str) -> dict[str, Definition] | None:
    """The names that a statement surely binds; none for one of another kind."""
    if isinstance(statement, _ast.FunctionDef | _ast.AsyncFunctionDef):
        known = None if statement.decorator_list else _parameters(statement.args)
        return {statement.name: Definition("function", known)}
    if isinstance(statement, _ast.ClassDef):
        return {statement.name: Definition("class")}
    if isinstance(statement, _ast.ImportFrom):
        origin = _absolute(statement, package)
        return {
            each.asname or each.name: Definition("import", target=f"{origin}.{each.name}") if origin else UNKNOWN
            for each in statement.names
        }
    if isinstance(statement, _ast.Assign) and len(statement.targets) == 1:
        return _assigned(statement.targets[0], statement.value)
    if isinstance(statement, _ast.AnnAssign):
        return _assigned(statement.target, statement.value) if statement.value else {}
    return None


def _assigned(target: _ast.expr, value: _ast.expr) -> dict[str, Definition] | None:
    if not isinstance(target, _ast.Name) or any(isinstance(each, _ast.NamedExpr) for each in _walk(value)):
        return None
    if isinstance(value, _ast.Lambda):
        return {target.id: Definition("function", _parameters(value.args))}
    if isinstance(value, _ast.Name):
        return {target.id: Definition("alias", target=value.id) if value.id != target.id else UNKNOWN}
    return {target.id: Definition("value") if isinstance(value, _PLAIN) else UNKNOWN}


def _absolute(statement: _ast.ImportFrom, package: str) -> str:
    """The module that `from … import` names; empty where it lies above the package's root."""
    if not statement.level:
        return statement.module or ""
    parts = package.split(".") if package else []
    if statement.level > len(parts):
        return ""
    return ".".join([*parts[: len(parts) - statement.level + 1], *([statement.module] if statement.module else [])])


def _parameters(arguments: _ast.arguments) -> Parameters:
    before = [each.arg for each in arguments.posonlyargs]
    positional = [*before, *(each.arg for each in arguments.args)]
    without = positional[: len(positional) - len(arguments.defaults)]
    by_name = [each.arg for each in arguments.kwonlyargs]
    without += [name for name, default in zip(by_name, arguments.kw_defaults, strict=True) if default is None]
    return Parameters(
        tuple(positional),
        frozenset(before),
        tuple(by_name),
        frozenset(without),
        arguments.vararg is not None,
        arguments.kwarg is not None,
        types_of(arguments),
    )


def _stored(statement: _ast.stmt) -> Iterator[str]:
    """Every name that a statement may bind in the module."""
    for node in _walk(statement):
        if isinstance(node, _ast.Name) and not isinstance(node.ctx, _ast.Load):
            yield node.id
        elif isinstance(node, _ast.FunctionDef | _ast.AsyncFunctionDef | _ast.ClassDef):
            yield node.name
        elif isinstance(node, _ast.Import | _ast.ImportFrom):
            yield from (each.asname or each.name.partition(".")[0] for each in node.names)
        elif isinstance(node, _ast.ExceptHandler | _ast.MatchAs | _ast.MatchStar) and node.name:
            yield node.name
        elif isinstance(node, _ast.MatchMapping) and node.rest:
            yield node.rest


def _globals(tree: _ast.Module) -> Iterator[str]:
    """The names that a function of the module declares as the module's."""
    return (name for node in _walk(tree, inside=True) if isinstance(node, _ast.Global) for name in node.names)


def _is_loose(tree: _ast.Module) -> bool:
    """Whether something outside a function may define names that nobody sees."""
    names = (getattr(node, "id", getattr(node, "attr", None)) for node in _walk(tree))
    return any(name in _LOOSE for name in names)


def _walk(node: _ast.AST, *, inside: bool = False) -> Iterator[_ast.AST]:
    """A node and all below it; what lies in a function or class only where asked for."""
    waiting = [node]
    while waiting:
        at = waiting.pop()
        yield at
        if inside or not isinstance(at, (*_FUNCTIONS, _ast.ClassDef)):
            for name in at._fields:
                value = getattr(at, name, None)
                if isinstance(value, _ast.AST):
                    waiting.append(value)
                elif isinstance(value, list):
                    waiting += [each for each in value if isinstance(each, _ast.AST)]
