"""From pydantic's errors to problems: one per cause, at the key or value to change, in the reader's words."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mergeflow.diagnostic import Place, Problem, Route, has
from mergeflow.model.base import ConfigModel

BUILT_BY_DAG_FACTORY = ("__type__", "__and__", "__or__", "__join__")
"""Keys of a mapping that dag-factory turns into another value, whose type no model can know."""

_EXPECTED = {
    "bool_type": "true or false",
    "date_type": "a date",
    "datetime_type": "a date",
    "dict_type": "a mapping",
    "duration": "a time span",
    "float_type": "a number",
    "int_type": "a whole number",
    "list_type": "a list",
    "none_required": "",
    "string_type": "text",
}
_HINTS = {
    "duration": "write {__type__: datetime.timedelta, seconds: 90}",
    "true or false": "write true or false, without quotes",
    "a whole number": "write the number without quotes",
    "a list": "write [a, b], also for a single one",
}


def shape_problems(model: type[ConfigModel], data: object, place: Place, owner: str) -> list[Problem]:
    """What keeps `data`, which stands at `place`, from being a `model`; `owner` names it in messages."""
    if not isinstance(data, Mapping):
        message = f"{owner} must be a mapping, not {kind_of(data)}"
        return [Problem("wrong-type", message, place, "write `key: value` lines, indented below it")]
    bad_keys = [_key_problem(key, place, owner) for key in data if not isinstance(key, str)]
    try:
        model.model_validate({key: value for key, value in data.items() if _is_plain(key, value)})
    except ValidationError as error:
        return bad_keys + _problems(error.errors(include_url=False), model, data, place, owner)
    return bad_keys


def near(word: str, words: Iterable[str]) -> str:
    """A hint that names the nearest of `words`, or nothing when none is near."""
    matches = get_close_matches(word, list(words), n=1, cutoff=0.7)
    return f"did you mean `{matches[0]}`?" if matches else ""


def kind_of(value: object) -> str:
    """A value's type as YAML's users call it."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return f"{value}".lower()
    names: dict[type, str] = {
        str: "text",
        int: "a number",
        float: "a number",
        dict: "a mapping",
        list: "a list",
    }
    return next((name for kind, name in names.items() if isinstance(value, kind)), f"a {type(value).__name__}")


def _is_plain(key: object, value: object) -> bool:
    built = isinstance(value, Mapping) and any(each in value for each in BUILT_BY_DAG_FACTORY)
    return isinstance(key, str) and not built


def _key_problem(key: object, place: Place, owner: str) -> Problem:
    where = Place(place.path, (*place.route, key), "key")  # type: ignore[arg-type]
    return Problem("wrong-type", f"key `{key}` in {owner} is read as {kind_of(key)}", where, "put it in quotes")


def _problems(
    errors: list[ErrorDetails], model: type[ConfigModel], data: Mapping[str, Any], place: Place, owner: str
) -> list[Problem]:
    by_route: dict[Route, list[ErrorDetails]] = defaultdict(list)
    for error in errors:
        by_route[_walk(data, error["loc"])].append(error)
    # A union reports each of its branches; the branch that got furthest is the one that was meant.
    meant = [route for route in by_route if not any(len(o) > len(route) and o[: len(route)] == route for o in by_route)]
    return [_problem(by_route[route], route, model, place, owner) for route in meant]


def _walk(data: Any, loc: tuple[int | str, ...]) -> Route:
    """pydantic's location without the segments that name no key: those are its tags for a union's branches."""
    route: list[int | str] = []
    for segment in loc:
        if has(data, segment):
            data = data[segment]
            route.append(segment)
    return tuple(route)


def _problem(errors: list[ErrorDetails], route: Route, model: type[ConfigModel], place: Place, owner: str) -> Problem:
    first = errors[0]
    full = (*place.route, *route)
    name = str(route[-1]) if route and isinstance(route[-1], str) else str(route[0] if route else "")
    if first["type"] == "extra_forbidden":
        hint = near(name, model.model_fields) or "remove it: nothing reads it"
        return Problem("unknown-key", f"unknown key `{name}` in {owner}", Place(place.path, full, "key"), hint)
    expected = [_EXPECTED[each["type"]] for each in errors if _EXPECTED.get(each["type"])]
    value_place = Place(place.path, full)
    if not expected:
        message = f"`{name}` in {owner}: {first['msg'][0].lower()}{first['msg'][1:]}"
        return Problem("invalid-value", message, value_place)
    wanted = " or ".join(dict.fromkeys(expected))
    hint = _HINTS.get(first["type"], "") or _HINTS.get(wanted, "")
    found = kind_of(first["input"])
    return Problem("wrong-type", f"`{_spell(route)}` in {owner} must be {wanted}, not {found}", value_place, hint)


def _spell(route: Route) -> str:
    """A route as people write it: `dependencies[1]`."""
    return "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in route).lstrip(".")
