"""Jinja in the texts that Airflow renders: whether it parses, and which variables it asks for.

Importing Jinja takes longer than the rest of a check. Most templates are plain expressions such as `{{ ds }}`; these
are read here, and Jinja is asked about the others. Templates are parsed and never compiled: compiling one
works out what is constant in it, and so would run `{{ 'x' * 10 ** 10 }}`.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from mergeflow.rules.plain_template import NotPlain, PlainExpression
from mergeflow.rules.template_context import FILTERS

_OPENER = re.compile(r"\{[{%#]")
_VARIABLE = re.compile(
    r"\{\{ ?(?!(?:and|else|if|in|is|not|or|true|false|none|True|False|None)\b)"
    r"([A-Za-z_]\w*+)(?:\.([A-Za-z_]\w*+))? ?\}\}",
    re.ASCII,
)
"""A variable, or a member of one: most expressions are nothing else."""
_UNDEFINED_IS_FINE = frozenset({"default", "d"})
_MOST_KEPT = 1000
"""Texts whose reading is remembered: three rules ask for each, and many tasks have the same."""


class Template(NamedTuple):
    """What a template asks for: names that it does not set itself, and the first member that it wants of each.

    Of a text that is none: why, what to do about it, and the line of the text at which Jinja stopped.
    """

    names: frozenset[str] = frozenset()
    members: frozenset[tuple[str, str]] = frozenset()
    wrong: str = ""
    hint: str = ""
    line: int = 0


NOTHING = Template()
"""What a template asks for that may do without, or that nobody understands."""


@lru_cache(_MOST_KEPT)
def read_plain(text: str) -> Template | None:
    """What a template of plain expressions asks for; none for any other."""
    names: set[str] = set()
    members: set[tuple[str, str]] = set()
    filters: set[str] = set()
    found = _OPENER.search(text)
    try:
        while found:
            if variable := _VARIABLE.match(text, found.start()):
                name, member = variable.groups()
                names.add(name)
                members |= {(name, member)} if member else set()
                found = _OPENER.search(text, variable.end())
                continue
            expression = PlainExpression(text, found.start())
            names |= expression.names
            members |= expression.members
            filters |= expression.filters
            found = _OPENER.search(text, expression.end)
    except NotPlain:
        return None
    if not filters <= FILTERS:
        return None
    return NOTHING if filters & _UNDEFINED_IS_FINE else Template(frozenset(names), frozenset(members))


@lru_cache(_MOST_KEPT)
def read_template(text: str) -> Template:
    """What any template asks for, or why it is none: Jinja's own parser says it."""
    from jinja2 import Environment, TemplateSyntaxError

    environment = Environment(extensions=["jinja2.ext.do"])  # noqa: S701 - nothing is rendered
    try:
        return _asked(environment.parse(text), environment)
    except TemplateSyntaxError as error:
        from mergeflow.rules.jinja_words import explain

        wrong, hint = explain(error.message or "", text)
        return Template(wrong=wrong, hint=hint, line=error.lineno)
    except (RecursionError, OverflowError, ValueError):  # too deep; a number of too many digits
        return NOTHING


def _asked(tree: Any, environment: Any) -> Template:
    from jinja2 import nodes

    conditions = (nodes.If, nodes.CondExpr)
    filters = [(each.lineno, each.name) for each in tree.find_all(nodes.Filter)]
    tests = [(each.lineno, each.name) for each in tree.find_all(nodes.Test)]
    if next(tree.find_all(conditions), None) is None:  # under a condition, Jinja asks only when it comes there
        for line, name in filters:
            if name not in FILTERS:
                return _nothing_called("filter", name, FILTERS, line)
        for line, name in tests:
            if name not in environment.tests:
                return _nothing_called("test", name, environment.tests, line)
    asks = {name for _, name in filters} & _UNDEFINED_IS_FINE or {name for _, name in tests} & {"defined", "undefined"}
    others = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)
    if asks or next(tree.find_all(others), None) is not None:
        return NOTHING
    return _names(tree)


def _names(tree: Any) -> Template:
    """What a tree asks for whatever happens; a name that it sets anywhere counts as set everywhere."""
    from jinja2 import nodes

    given = {each.name for each in tree.find_all(nodes.Name) if each.ctx != "load"}
    given |= {each.name for each in tree.find_all(nodes.Macro)}
    given |= {"loop", "self", "super", "caller", "varargs", "kwargs"}
    sure = list(_sure(tree))
    wanted = {each.name for each in sure if isinstance(each, nodes.Name) and each.ctx == "load"} - given
    members = {
        (each.node.name, each.attr)
        for each in sure
        if isinstance(each, nodes.Getattr) and isinstance(each.node, nodes.Name) and each.node.name in wanted
    }
    return Template(frozenset(wanted), frozenset(members))


def _sure(tree: Any) -> Iterator[Any]:
    """The nodes that no condition keeps from being worked out."""
    from jinja2 import nodes

    unsure = {nodes.If: ("body", "elif_", "else_"), nodes.CondExpr: ("expr1", "expr2")}
    unsure |= {nodes.And: ("right",), nodes.Or: ("right",)}
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.iter_child_nodes(exclude=unsure.get(type(node)))


def _nothing_called(kind: str, name: str, names: Any, line: int) -> Template:
    from mergeflow.model import near

    return Template(wrong=f"there is no {kind} `{name}`", hint=near(name, names), line=line)
