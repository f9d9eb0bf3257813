"""What a team may use, held against what its DAGs name: connections, pools and queues."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from mergeflow.dag import Dag
from mergeflow.diagnostic import Problem, Route
from mergeflow.files import POLICY
from mergeflow.globs import matches
from mergeflow.model import nearest
from mergeflow.paths import team_of
from mergeflow.policy import Granted, Grants
from mergeflow.project import Project

Named = Iterator[tuple[Route, str]]
"""The names that stand in a DAG, each with its route from the DAG."""

WITHIN = ("partial", "expand")
"""Keys of a task below which there are more parameters of its operator."""


class Kind(NamedTuple):
    """What is granted: its name in messages, its key in the policy, and the parameters that name one."""

    slug: str
    noun: str
    grant: Callable[[Grants], Granted]
    keys: tuple[str, ...]
    """How the names of these parameters end."""
    everybodys: tuple[str, ...] = ()
    anywhere: bool = False
    """Whether such a parameter means it at any depth, also among the arguments of a callable; others are called just
    so."""

    def has(self, key: str) -> bool:
        """Whether this is the name of such a parameter."""
        return key.endswith(self.keys) if self.anywhere else key in self.keys


def not_granted(project: Project, kind: Kind) -> Iterator[Problem]:
    """A problem at each parameter of this kind whose value the policy does not grant to the DAG's team."""
    granted: dict[str | None, Granted] = {}
    hints: dict[tuple[str | None, str], str] = {}  # empty where a name is granted
    if not any(key in document.text for document in project.documents.values() for key in kind.keys):
        return
    for dag in project.dags:
        team = team_of(dag.path)
        if team not in granted:
            granted[team] = kind.grant(project.policy.grants(team))
        patterns = granted[team]
        if patterns is None:
            continue
        for route, name in parameters(dag, kind):
            if (team, name) not in hints:
                may = name in kind.everybodys or any(matches(name, pattern) for pattern in patterns)
                hints[team, name] = "" if may else _hint(name, kind.noun, patterns, team)
            if hint := hints[team, name]:
                message = f"{kind.noun} `{name}` is not granted to {owner(team)}"
                yield Problem(kind.slug, message, dag.place(*route), hint)


def owner(team: str | None) -> str:
    """A team as messages name it."""
    return f"team `{team}`" if team else "files that stand in no team's folder"


def listed(patterns: tuple[str, ...]) -> str:
    """What is granted, for a hint."""
    return ", ".join(f"`{each}`" for each in patterns[:6]) + (" …" if len(patterns) > 6 else "") or "none"


def _hint(name: str, noun: str, patterns: tuple[str, ...], team: str | None) -> str:
    near = nearest(name, [each for each in patterns if not set("*?") & set(each)])
    if near:
        return f"did you mean `{near}`?"
    whose = f"of `teams.{team}`" if team else "of `everyone`"
    first = f"use one of {listed(patterns)}" if patterns else "remove it"
    return f"{first}, or have it added to the {noun}s {whose} in {POLICY}"


def parameters(dag: Dag, kind: Kind) -> Named:
    """The parameters of this kind in default_args, in those of task groups, and in tasks."""
    yield from _below(dag.config.get("default_args"), ("default_args",), kind)
    for group in dag.groups.values():
        yield from _below(group.config.get("default_args"), (*group.route, "default_args"), kind)
    for task in dag.tasks.values():
        yield from _below(task.config, task.route, kind)


def _below(value: Any, route: Route, kind: Kind) -> Named:
    pairs: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in pairs:
        if isinstance(key, str) and kind.has(key):
            yield from _names(each, (*route, key))
        elif isinstance(each, dict | list) and (kind.anywhere or key in WITHIN):
            yield from _below(each, (*route, key), kind)


def _names(value: Any, route: Route) -> Named:
    """The value of a parameter, or each of several that `expand` gives; Jinja is known only when the task runs."""
    several = [((*route, i), each) for i, each in enumerate(value)] if isinstance(value, list) else [(route, value)]
    for where, each in several:
        if isinstance(each, str) and each and "{{" not in each and not each.startswith("+"):
            yield where, each
