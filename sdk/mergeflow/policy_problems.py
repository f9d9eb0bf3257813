"""What is wrong with the policy itself: its shape, piece by piece, and what it says of rules that are none."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from mergeflow.diagnostic import Place, Problem, Route
from mergeflow.document import Document
from mergeflow.files import CONFIGS
from mergeflow.model import near, shape_problems
from mergeflow.policy import LEVELS, span_of_time
from mergeflow.rules.reading import READING

_FROM_ROOT = (CONFIGS, "validators", "*", "?")
"""How a pattern begins that can match a path."""


def policy_problems(document: Document, slugs: Collection[str] | None) -> Iterator[Problem]:
    """Every problem of a policy; `slugs` are those of all rules that there are (none: not known)."""
    if document.data is None:
        return
    yield from shape_problems("Policy", document.data, Place(document.path), "the policy")
    policy = _mapping(document.data)
    judge = _Judge(document.path, slugs)
    yield from judge.levels(policy.get("rules"), ("rules",))
    yield from judge.schedules(policy.get("schedules"), ("schedules",))
    if "everyone" in policy:
        yield from shape_problems("Grants", policy["everyone"], Place(document.path, ("everyone",)), "`everyone`")
    for i, override in enumerate(_list(policy.get("overrides"))):
        yield from judge.override(override, i)
    for name, team in _mapping(policy.get("teams")).items():
        if team is not None:  # a team of which nothing is said but that it exists
            yield from shape_problems("Team", team, Place(document.path, ("teams", name)), f"team `{name}`")
        yield from judge.schedules(_mapping(team).get("schedules"), ("teams", name, "schedules"))
    for i, waiver in enumerate(_list(policy.get("waivers"))):
        yield from judge.waiver(waiver, i)
    for i, name in enumerate(_list(policy.get("expand_environment"))):
        if isinstance(name, str) and not (name.isascii() and name.isidentifier()):
            hint = "write the bare name, without `$` or braces"
            yield judge.problem(f"`{name}` is no name of an environment variable", ("expand_environment", i), hint)


class _Judge:
    """Judges the pieces of one policy whose shape says too little."""

    def __init__(self, path: str, slugs: Collection[str] | None) -> None:
        self._path, self._slugs = path, slugs

    def problem(self, message: str, route: Route, hint: str = "", *, key: bool = False) -> Problem:
        return Problem("invalid-policy", message, Place(self._path, route, "key" if key else "value"), hint)

    def override(self, data: object, index: int) -> Iterator[Problem]:
        route: Route = ("overrides", index)
        yield from shape_problems("Override", data, Place(self._path, route), f"override {index + 1}")
        yield from self._paths(data, route)
        yield from self.levels(_mapping(data).get("rules"), (*route, "rules"))

    def waiver(self, data: object, index: int) -> Iterator[Problem]:
        route: Route = ("waivers", index)
        yield from shape_problems("Waiver", data, Place(self._path, route), f"waiver {index + 1}")
        yield from self._paths(data, route)
        waiver = _mapping(data)
        if isinstance(waiver.get("rule"), str):
            yield from self._rule(waiver["rule"], (*route, "rule"), "waived")
        if waiver and not (waiver.get("paths") or waiver.get("dag_id")):
            hint = "add `paths: [configs/<team>/**]` or `dag_id: …`"
            yield self.problem(f"waiver {index + 1} says neither for which files nor for which DAG", route, hint)

    def levels(self, data: object, route: Route) -> Iterator[Problem]:
        for slug, level in _mapping(data).items():
            here = (*route, slug)
            is_level = isinstance(level, str | bool) and level in LEVELS
            if not is_level:
                yield self.problem(f"the level of `{slug}` must be error, warning or off", here)
            if isinstance(slug, str) and not (is_level and slug in READING and level == "error"):
                yield from self._rule(slug, here, "switched off or lowered", key=True)

    def schedules(self, data: object, route: Route) -> Iterator[Problem]:
        if data is None:
            return
        yield from shape_problems("Schedules", data, Place(self._path, route), f"`{'.'.join(map(str, route))}`")
        shortest = _mapping(data).get("shortest")
        if isinstance(shortest, str) and span_of_time(shortest) is None:
            hint = "write a number and a unit: `5 minutes`, `1 hour`, `1 day`"
            yield self.problem(f"`{shortest}` is no time span", (*route, "shortest"), hint)

    def _rule(self, slug: str, route: Route, done: str, *, key: bool = False) -> Iterator[Problem]:
        if slug in READING:
            hint = "remove it: what it is about cannot be read or built"
            yield self.problem(f"`{slug}` cannot be {done}", route, hint, key=key)
        elif self._slugs is not None and slug not in self._slugs:
            hint = near(slug, self._slugs) or "`mergeflow rules` lists them"
            yield self.problem(f"there is no rule `{slug}`", route, hint, key=key)

    def _paths(self, data: object, route: Route) -> Iterator[Problem]:
        for i, pattern in enumerate(_list(_mapping(data).get("paths"))):
            if isinstance(pattern, str) and not pattern.startswith(_FROM_ROOT):
                hint = f"a path begins at the repository's root, such as `{CONFIGS}/<team>/**`"
                yield self.problem(f"`{pattern}` matches no file that is checked", (*route, "paths", i), hint)


def _mapping(value: object) -> Mapping[Any, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
