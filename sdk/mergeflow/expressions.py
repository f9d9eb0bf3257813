"""`${{ item.x }}`, `${{ params.x }}`, `${{ vars.x }}`: values looked up in configs, and nothing else done with them.

An expression is resolved after YAML is parsed, inside scalars, so that lines and columns stay true. A scalar that is
nothing but an expression becomes the value itself, of whatever type; within a longer text it becomes text. `$${{` is a
plain `${{`. Airflow's own `{{ … }}` is never touched.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from mergeflow.diagnostic import Route
from mergeflow.model import kind_of, near

Scope = Mapping[str, Any]
"""What the roots of an expression stand for, by name."""

OPEN = "${{"
MOST_TEXT = 1_000_000
"""Characters of the texts that expressions of one DAG or template are put into: one long value may be named often."""
_EXPRESSION = re.compile(r"\$\$\{\{|\$\{\{(?P<path>(?:(?!\}\}|\$\{\{).)*)\}\}", re.DOTALL)
_PATH = re.compile(r"[A-Za-z_][\w-]*(?:\.[\w-]+|\[\d+\])*")
_STEP = re.compile(r"[\w-]+")


class Anything:
    """A value that is not known yet; nor is what is looked up in it."""


class Fault(NamedTuple):
    """An expression that cannot be resolved; `route` leads to its scalar from where the search began."""

    route: Route
    message: str
    hint: str = ""


class Unresolved(Exception):
    """A single expression that leads nowhere."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


def has_expression(text: str) -> bool:
    """Whether a text might hold an expression: whatever holds none is not looked at twice."""
    return OPEN in text


def resolve(data: Any, scope: Scope) -> tuple[Any, list[Fault]]:
    """`data` with every expression in its scalars resolved, and those that could not be.

    What holds no expression is the same object as before. A fault leaves its scalar as it stands.
    """
    work = _Work()
    return _resolved(data, scope, (), work), work.faults


class _Work:
    """What is found, and how many characters may still be put together, while some data are resolved."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.left = MOST_TEXT

    def put(self, text: str) -> str:
        """A part of a text. Raises Unresolved where it is one too many."""
        self.left -= len(text)
        if self.left < 0:
            raise Unresolved(f"expressions make texts of over {MOST_TEXT:,} characters here", "give shorter values")
        return text


def resolve_text(text: str, scope: Scope) -> Any:
    """The value of one scalar. Raises Unresolved."""
    return _text(text, scope, _Work())


def _text(text: str, scope: Scope, work: _Work) -> Any:
    whole = _EXPRESSION.fullmatch(text)
    if whole and whole["path"] is not None:
        return _look_up(whole["path"].strip(), scope)
    _refuse_open(text)
    return _EXPRESSION.sub(lambda found: work.put(_embedded(found, scope)), text)


def expressions_of(data: Any) -> Iterator[str]:
    """The path of every expression in the scalars of `data`: `params.table`."""
    if isinstance(data, str):
        yield from (found["path"].strip() for found in _EXPRESSION.finditer(data) if found["path"] is not None)
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from expressions_of(value)
    elif isinstance(data, list):
        for value in data:
            yield from expressions_of(value)


def fits(name: bytes, key: bytes) -> bool:
    """Whether a text may be what another with expressions becomes: what stands around these, it has in this order."""
    first, *rest = key.split(b"${{")
    if not rest:
        return name == key
    *middle, last = (each.partition(b"}}")[2] for each in rest)
    at, end = len(first), len(name) - len(last)
    for part in middle:
        found = name.find(part, at, end)
        at = found + len(part) if found >= 0 else end + 1
    return at <= end and name.startswith(first) and name.endswith(last)


def looked_up(data: Any) -> Route:
    """The way that a scalar looks up which is nothing but an expression, its root first; empty for any other value."""
    whole = _EXPRESSION.fullmatch(data) if isinstance(data, str) else None
    path = (whole["path"] or "").strip() if whole else ""
    if not _PATH.fullmatch(path):
        return ()
    return tuple(int(step) if step.isdecimal() else step for step in _STEP.findall(path))


def single(text: str) -> tuple[str, Route, str] | None:
    """What stands before the only expression of a text, the way that it looks up, and what stands after it."""
    before, _, rest = text.partition(OPEN)
    path, closed, after = rest.partition("}}")
    way = looked_up(f"{OPEN}{path}}}}}") if closed and OPEN not in after and not before.endswith("$") else ()
    return (before, way, after) if way else None


def _resolved(data: Any, scope: Scope, route: Route, work: _Work) -> Any:
    if isinstance(data, str):
        return _scalar(data, scope, route, work) if OPEN in data else data
    if isinstance(data, list):
        listed = [_resolved(value, scope, (*route, i), work) for i, value in enumerate(data)]
        return data if all(new is old for new, old in zip(listed, data, strict=True)) else listed
    if not isinstance(data, Mapping):
        return data
    work.faults += [_in_key((*route, key)) for key in data if isinstance(key, str) and OPEN in key]
    mapping = {key: _resolved(value, scope, (*route, key), work) for key, value in data.items()}
    return data if all(mapping[key] is value for key, value in data.items()) else mapping


def _scalar(text: str, scope: Scope, route: Route, work: _Work) -> Any:
    try:
        return _text(text, scope, work)
    except Unresolved as unresolved:
        work.faults.append(Fault(route, unresolved.message, unresolved.hint))
        return text


def _in_key(route: Route) -> Fault:
    return Fault(route, "an expression cannot stand in a key, save in a DAG's own", "write the key out")


def _refuse_open(text: str) -> None:
    """Refuse an expression that begins and does not end."""
    if OPEN in _EXPRESSION.sub("", text):
        raise Unresolved("this expression is never closed", "close it with `}}`, or write `$${{` for a plain `${{`")


def _look_up(path: str, scope: Scope) -> Any:
    if not _PATH.fullmatch(path):
        raise Unresolved(f"`{path}` is no expression", "name one value, such as `params.table` or `item.columns[0]`")
    steps = _STEP.findall(path)
    value: Any = scope
    for i, step in enumerate(steps):
        if isinstance(value, Anything):
            return value
        so_far = ".".join(steps[:i])
        if isinstance(value, list) and step.isdecimal():
            if int(step) >= len(value):
                raise Unresolved(f"`{so_far}` has {len(value)} entries, and no `[{step}]`")
            value = value[int(step)]
        elif isinstance(value, Mapping) and step in value:
            value = value[step]
        else:
            raise _unknown(step, so_far, value)
    return value


def _unknown(step: str, so_far: str, value: Any) -> Unresolved:
    if not isinstance(value, Mapping):
        return Unresolved(f"`{so_far}` is {kind_of(value)}, and has no `{step}`")
    names = [each for each in value if isinstance(each, str)]
    known = ", ".join(f"`{each}`" for each in names[:8])
    hint = near(step, names) or (f"there is {known}" if known else "")
    if so_far:
        return Unresolved(f"`{so_far}` has no `{step}`", hint)
    airflows = "Airflow's own templates are `{{ … }}`, without the `$`" if not near(step, names) else ""
    return Unresolved(f"nothing is called `{step}` here", "; ".join(each for each in (hint, airflows) if each))


def _embedded(found: re.Match[str], scope: Scope) -> str:
    if found["path"] is None:
        return OPEN
    path = found["path"].strip()
    value = _look_up(path, scope)
    if isinstance(value, Anything):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    raise Unresolved(f"`{path}` is {kind_of(value)}, which cannot stand within a text", "let it be the whole value")
