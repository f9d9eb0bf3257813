"""What comes of files that are no DAGs: the policy and its waivers, house rules, stubs, workflows; secrets that go."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from mergeflow.diagnostic import Place, Route
from mergeflow.files import POLICY
from mergeflow.plan.changes import Consequence, Level
from mergeflow.plan.sides import Side
from mergeflow.plan.values import canonical, differences, same
from mergeflow.project import Project
from mergeflow.rules import Known, plain_secret

_GUARDS = {
    ".github/": "who must approve or what is checked before a merge changes",
    "CODEOWNERS": "who must approve changes here changes",
    "validators/catalog.json": "which operators exist changes: every DAG is checked against it",
    "validators/rules/": "a rule of this repository's own changes",
}
"""Paths, and beginnings of paths, that decide what may be merged."""


def of_files(before: Side, after: Side, touched: Collection[str]) -> Iterator[Consequence]:
    """What is told of files that differ, by path."""
    for path in sorted(touched):
        text = next((text for start, text in _GUARDS.items() if path == start or path.startswith(start)), "")
        if text:
            yield Consequence("guard", Level.ATTENTION, text, place=path)
        elif path.startswith("dags/") and path.count("/") == 1 and path.endswith(".py"):
            yield Consequence("stub", Level.NOTICE, "what Airflow reads first changes", place=path)
    if POLICY in touched:
        yield from _of_policy(before, after)
    yield from _secrets(before, after, touched)


def _of_policy(before: Side, after: Side) -> Iterator[Consequence]:
    old, new = (_data(side.project) for side in (before, after))
    yield from _of_waivers(old.get("waivers"), new.get("waivers"), before, after)
    for key in sorted((old.keys() | new.keys()) - {"waivers", "teams"}, key=str):
        if not same(old.get(key), new.get(key)):
            yield Consequence(
                "policy", Level.ATTENTION, f"the policy's {key} change", place=_line(before, after, (key,))
            )
    teams = [_mapping(each.get("teams")) for each in (old, new)]
    for team in sorted(teams[0].keys() | teams[1].keys(), key=str):
        if not same(teams[0].get(team), teams[1].get(team)):
            granted = (_mapping(teams[0].get(team)), _mapping(teams[1].get(team)))
            changed = ", ".join(str(each.name) for each in differences(*granted))
            text = f"what team {team} may do changes{f': {changed}' if changed else ''}"
            yield Consequence("policy", Level.ATTENTION, text, place=_line(before, after, ("teams", team)))


def _of_waivers(old: Any, new: Any, before: Side, after: Side) -> Iterator[Consequence]:
    known = {canonical(each) for each in _list(old)}
    kept = {canonical(each) for each in _list(new)}
    for side, listed, others, verb in ((after, new, known, "added"), (before, old, kept, "removed")):
        for number, each in enumerate(_list(listed)):
            if canonical(each) not in others:
                waiver = _mapping(each)
                about = waiver.get("dag_id") or ", ".join(map(str, _list(waiver.get("paths")))) or waiver.get("paths")
                until = f" until {waiver['until']}" if waiver.get("until") else ""
                text = f"a waiver of {waiver.get('rule')} for {about}{until} is {verb}"
                place = side.line(Place(POLICY, ("waivers", number)))
                yield Consequence("waiver", Level.ATTENTION, text, place=place)


def _line(before: Side, after: Side, route: Route) -> str:
    data: Any = _data(after.project)
    for segment in route:
        data = data.get(segment) if isinstance(data, dict) else None
    return (before if data is None else after).line(Place(POLICY, route))


def _secrets(before: Side, after: Side, touched: Collection[str]) -> Iterator[Consequence]:
    """Secrets that stood in a file and no longer do: Git still has them."""
    there = {path: _found(before.project, path) for path in touched if path in before.project.documents}
    for path, old in sorted(there.items()):
        left = _found(after.project, path) if old else {}
        for value in sorted(old.keys() - left.keys()):
            text = "a secret in clear text is removed and stays in Git's history: change it where it is used"
            yield Consequence("secret", Level.ATTENTION, text, place=before.line(old[value]))


def _found(project: Project, path: str) -> Mapping[str, Place]:
    """The secrets of a file, each with its first place."""
    documents = {path: project.documents[path]} if path in project.documents else {}
    found: dict[str, Place] = {}
    for problem in plain_secret.check(replace(project, documents=documents), Known()):
        found.setdefault(canonical(_value(documents[path].data, problem.place.route)), problem.place)
    return found


def _value(data: Any, route: Iterable[Any]) -> Any:
    for segment in route:
        data = data[segment]
    return data


def _data(project: Project) -> Mapping[Any, Any]:
    document = project.documents.get(POLICY)
    return _mapping(document.data if document else None)


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
