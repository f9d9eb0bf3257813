"""Whether a class is deprecated, and what its authors say to do instead: a decorator, a warning, or its docstring."""

import ast
import inspect
import re
import textwrap
from typing import Any

from mergeflow.airflow.introspect.signature import own_init
from mergeflow.catalog.prose import one_line

_LONGEST = 160
_WAY = re.compile(r"\b(?:Please use|Use|Please)\b.*")
_DEPRECATED = re.compile(
    r"^(?:This \w+ is )?deprecated\b[.:;,]?\s*(.*)|^\.\. deprecated::\s*\S*\s*(.*)", re.IGNORECASE | re.DOTALL
)


def deprecation(kind: Any) -> str:
    """What to do instead of using a class or function; empty when it is not deprecated."""
    said = _by_decorator(kind) or (_by_warning(kind) if inspect.isclass(kind) else "") or _by_docstring(kind)
    way = _WAY.search(" ".join(said.split()))
    return one_line(way[0] if way else said, _LONGEST)


def _by_decorator(kind: Any) -> str:
    for decorator in _decorators(kind):
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).rpartition(".")[2] == "deprecated":
            named = [each.value for each in decorator.keywords if each.arg in ("reason", "message")]
            return _text([*decorator.args, *named]) or "deprecated"
    return ""


def _decorators(kind: Any) -> list[ast.expr]:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    except (OSError, TypeError, SyntaxError, IndexError):
        return []
    return tree.decorator_list if isinstance(tree, ast.ClassDef | ast.FunctionDef) else []


def _by_warning(kind: type[Any]) -> str:
    """A warning that its own constructor gives whatever it is given."""
    init = own_init(kind)  # type: ignore[arg-type]  # classes are hashable
    for statement in init.body if init else ():
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and ast.unparse(call.func) in ("warnings.warn", "warn"):
            category = [ast.unparse(each) for each in (*call.args[1:], *(word.value for word in call.keywords))]
            if any("Deprecat" in each or "RemovedIn" in each for each in category):
                return _text(call.args) or "deprecated"
    return ""


def _by_docstring(kind: Any) -> str:
    for paragraph in inspect.cleandoc(vars(kind).get("__doc__") or "").split("\n\n"):
        found = _DEPRECATED.match(paragraph.strip())
        if found:
            return next((each for each in found.groups() if each), "deprecated")
    return ""


def _text(nodes: list[ast.expr]) -> str:
    return next(
        (str(each.value) for each in nodes if isinstance(each, ast.Constant) and isinstance(each.value, str)), ""
    )
