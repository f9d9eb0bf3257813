"""From pydantic's errors to problems: one per cause, at the key or value to change, in the reader's words.

The only module but the models themselves that imports pydantic: it is needed only when something is wrong.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mergeflow.diagnostic import Place, Problem, Route, has
from mergeflow.model.alerts import Alert, Alerts, Webhook
from mergeflow.model.base import ConfigModel
from mergeflow.model.dag import Dag, Defaults
from mergeflow.model.environment import Environment, Patch
from mergeflow.model.group import TaskGroup
from mergeflow.model.older import OLDER
from mergeflow.model.pipeline_test import Expected, ExpectedData, PipelineTest
from mergeflow.model.policy import Grants, Override, Policy, Schedules, Team, Waiver
from mergeflow.model.shape import is_built
from mergeflow.model.suite import Column, Expectation, Suite
from mergeflow.model.table import SHAPES
from mergeflow.model.task import DefaultArgs, GroupArgs, Task
from mergeflow.model.template import Template
from mergeflow.model.words import kind_of, near, nearest

MODELS: Mapping[str, type[ConfigModel]] = {
    each.__name__: each
    for each in (
        *(Dag, Defaults, DefaultArgs, GroupArgs, Task, TaskGroup),
        *(Suite, Column, Expectation, Template, Environment, Patch),
        *(Alerts, Alert, Webhook),
        *(PipelineTest, Expected, ExpectedData),
        *(Policy, Override, Schedules, Grants, Team, Waiver),
    )
}
"""The models by name, as `shape_problems` knows them."""

MOST_JUDGED = 5_000
"""Entries of a list that are judged at once."""

_EXPECTED = {
    "bool_type": "true or false",
    "date_type": "a date",
    "datetime_type": "a date",
    "dict_type": "a mapping",
    "duration": "a time span",
    "float_type": "a number",
    "instant": "a date with a time",
    "int_type": "a whole number",
    "list_type": "a list",
    "none_required": "",
    "object": "an object",
    "string_type": "text",
}
_UNQUOTED = {
    "a number": re.compile(r"[-+]?\d+(\.\d+)?"),
    "a whole number": re.compile(r"[-+]?\d+"),
    "true or false": re.compile(r"true|false|yes|no|on|off", re.IGNORECASE),
}
"""Texts that would be of the wanted type if they were not in quotes."""
_ONLY = {
    "an object": "write {__type__: <import path>}, with its arguments beside it",
    "a date with a time": "write `2024-01-31 00:00:00`; only a DAG and its default_args take a date alone",
    "a time span": "write {__type__: datetime.timedelta, seconds: 90}",
}
"""How a value is written that there is only one way to write."""
_FORMS = {
    "a list": "write [a, b], also for a single one",
    "a mapping": "write `key: value` lines, indented below it",
    "a list or a mapping": "write [a, b], also for a single one",
    "a number": "write a number of seconds, or {__type__: datetime.timedelta, minutes: 5}",
    "text or a mapping": "write a single import path, or `callback: <import path>` with its arguments",
}
"""How a value of this type is written where it stands."""
_NOT_HANDED_ON = frozenset(
    {"allowed_run_types", "auto_register", "deadline", "disable_bundle_versioning", "fail_fast", "fail_stop"}
    | {"jinja_environment_kwargs", "max_consecutive_failed_dag_runs", "owner_links", "rerun_with_latest_version"}
    | {"template_undefined", "user_defined_filters"}
)
"""What Airflow's DAG takes and dag-factory 1.1 drops."""


def refusals(name: str, data: object, place: Place, owner: str) -> list[Problem]:
    """What keeps `data`, which stands at `place`, from being the model of this name; `owner` names it in messages."""
    return refused(MODELS[name], data, place, owner)


def refused(model: type[ConfigModel], data: object, place: Place, owner: str) -> list[Problem]:
    """What keeps `data` from being a model that need not be one of the table."""
    if not isinstance(data, Mapping):
        message = f"{owner} must be a mapping, not {kind_of(data)}"
        return [Problem("wrong-type", message, place, "write `key: value` lines, indented below it")]
    bad_keys = [_key_problem(key, place, owner) for key in data if not isinstance(key, str)]
    errors = _errors(model, {key: value for key, value in data.items() if _is_judged(key, value, model)})
    missing = {each["loc"] for each in errors if each["type"] == "missing"}
    wrong = [each for each in errors if each["loc"] not in missing]
    lacking = [each for loc in sorted(missing) for each in _lacking(str(loc[-1]), model, data, place, owner)]
    return bad_keys + lacking + _problems(wrong, model, data, place, owner)


def _errors(model: type[ConfigModel], data: Mapping[str, Any]) -> list[ErrorDetails]:
    """What pydantic says; long lists are judged by parts, the first wrong part alone: an error takes a kilobyte."""
    lists = {key: value for key, value in data.items() if isinstance(value, list) and len(value) > MOST_JUDGED}
    for start in range(0, max(map(len, lists.values()), default=1), MOST_JUDGED):
        part = {key: value[start : start + MOST_JUDGED] or value[:1] for key, value in lists.items()}
        try:
            model.model_validate({**data, **part})
        except ValidationError as error:
            return [_shifted(each, start, lists) for each in error.errors(include_url=False)]
    return []


def _shifted(error: ErrorDetails, by: int, lists: Collection[str]) -> ErrorDetails:
    """An error in a part of a list, at its place in the whole."""
    key, *rest = error["loc"]
    if by and key in lists and rest:
        at = next((i for i, each in enumerate(rest) if isinstance(each, int)), None)
        if at is not None:
            rest[at] = int(rest[at]) + by
    return {**error, "loc": (key, *rest)}


def _lacking(
    key: str, model: type[ConfigModel], data: Mapping[str, Any], place: Place, owner: str
) -> Iterator[Problem]:
    """A key that must be there; where a misspelt one stands in a closed model, that is reported already."""
    slip = nearest(key, [each for each in data if isinstance(each, str) and each not in _keys(model)])
    if not slip or model.model_config.get("extra") == "allow":
        hint = f"rename `{slip}` to `{key}`" if slip else f"add `{key}: …`"
        yield Problem("missing-key", f"{owner} has no `{key}`", place, hint)


def _keys(model: type[ConfigModel]) -> Collection[str]:
    """The keys of a model as configs spell them; a task type's are its fields."""
    return (
        SHAPES[model.__name__].keys
        if MODELS.get(model.__name__) is model
        else [field.alias or name for name, field in model.model_fields.items()]
    )


def _is_judged(key: object, value: object, model: type[ConfigModel]) -> bool:
    """Whether a model has a say: of what dag-factory builds no model knows the type, but a key must be there for it."""
    return isinstance(key, str) and not (is_built(value) and key in _keys(model))


def _key_problem(key: Any, place: Place, owner: str, route: Route = ()) -> Problem:
    """A key that YAML does not take for text, such as `on`; its spelling is only in the file."""
    where = place.at(*route, key, part="key")
    inside = f"`{_spell(route)}` of {owner}" if route else owner
    return Problem(
        "wrong-type", f"this key in {inside} is read as {kind_of(key)}, not as text", where, "put it in quotes"
    )


def _problems(
    errors: list[ErrorDetails], model: type[ConfigModel], data: Mapping[str, Any], place: Place, owner: str
) -> list[Problem]:
    by_route: dict[Route, list[ErrorDetails]] = defaultdict(list)
    for error in errors:
        by_route[_walk(data, error["loc"])].append(error)
    # A union reports each of its branches; the branch that got furthest is the one that was meant.
    passed = {route[:length] for route in by_route for length in range(len(route))}
    return [_problem(by_route[route], route, model, place, owner) for route in by_route if route not in passed]


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
    if first["loc"][-1:] == ("[key]",):
        key = first["input"]
        return _key_problem(key, place, owner, route[:-1] if route[-1:] == (key,) else route)
    name = str(route[-1]) if route and isinstance(route[-1], str) else str(route[0] if route else "")
    if first["type"] == "extra_forbidden":
        return Problem(
            "unknown-key", f"unknown key `{name}` in {owner}", place.at(*route, part="key"), _way(name, model, first)
        )
    expected = [_EXPECTED[each["type"]] for each in errors if _EXPECTED.get(each["type"])]
    value_place = place.at(*route)
    if not expected:
        said = first["msg"] if first["type"] == "form" else f"is refused: {first['msg']}"
        wrong = next((f"must be {words} {bound}" for bound, words in _bounds(first)), said)
        return Problem("invalid-value", f"`{_spell(route)}` in {owner} {wrong}", value_place)
    if "a number" in expected:
        expected = [each for each in expected if each != "a whole number"]
    wanted = " or ".join(dict.fromkeys(expected))
    message = f"`{_spell(route)}` in {owner} must be {wanted}, not {kind_of(first['input'])}"
    return Problem("wrong-type", message, value_place, _hint(wanted, expected, first["input"]))


def _way(name: str, model: type[ConfigModel], error: ErrorDetails) -> str:
    """What to do about a key that a model does not have."""
    if name in OLDER:
        return OLDER[name]
    if name in _NOT_HANDED_ON and issubclass(model, Dag):
        return "remove it: dag-factory does not hand it on to Airflow"
    known = _keys(model)
    if "tasks" in known and isinstance(found := error["input"], dict) and {"operator", "decorator"} & found.keys():
        return "indent this task below `tasks:`"
    if name in DefaultArgs.model_fields and "default_args" in known:
        return "put it under `default_args`, or into a task"
    return near(name, known) or "remove it: nothing reads it"


def _bounds(error: ErrorDetails) -> list[tuple[Any, str]]:
    """The limit that a value is beyond, and what it should be in relation to it."""
    words = {"ge": "at least", "le": "at most", "max_length": "no longer than"}
    return [(bound, words[name]) for name, bound in error.get("ctx", {}).items() if name in words]


def _hint(wanted: str, expected: list[str], found: object) -> str:
    only = next((each for each in expected if each in _ONLY), "")
    if only:
        return _ONLY[only]
    if wanted != "a list" and found is None:
        return "remove the key, or give it a value"
    if isinstance(found, str) and any(kind in _UNQUOTED and _UNQUOTED[kind].fullmatch(found) for kind in expected):
        return "write it without quotes"
    if wanted in ("text", "text or a whole number") and isinstance(found, int | float | date):
        return "put it in quotes"
    return _FORMS.get(wanted, "") if wanted != "a number" or isinstance(found, str) else ""


def _spell(route: Route) -> str:
    """A route as people write it: `dependencies[1]`."""
    return "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in route).lstrip(".")
