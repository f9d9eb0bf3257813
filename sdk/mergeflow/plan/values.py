"""Two values of a config compared as Airflow would tell them apart, and the settings in which they differ."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from mergeflow.model.shape import is_built
from mergeflow.plan.changes import ABSENT, FieldChange

SECRET = "********"  # noqa: S105 - what stands for one
"""What is shown in the place of a secret."""


def same(old: Any, new: Any) -> bool:
    """Whether two values mean the same to Airflow; in Python `True == 1`, and no NaN equals another."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(same(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(same, old, new))
    return type(old) is type(new) and (old == new or old != old)  # noqa: PLR0124 - NaN


def differences(before: Mapping[Any, Any], after: Mapping[Any, Any], above: str = "") -> Iterator[FieldChange]:
    """The settings in which two mappings differ, by dotted name: a mapping on both sides is looked into."""
    for name in sorted({*before, *after}, key=str):
        old, new = before.get(name, ABSENT), after.get(name, ABSENT)
        if same(old, new):
            continue
        if _is_open(old) and _is_open(new):
            yield from differences(old, new, f"{above}{name}.")
        else:
            yield FieldChange(f"{above}{name}", *(concealed(str(name), each) for each in (old, new)))


def concealed(key: str, value: Any) -> Any:
    """A value without its secrets: a plan stands under a pull request for all to read."""
    if isinstance(value, dict):
        return {name: concealed(str(name), each) for name, each in value.items()}
    if isinstance(value, list):
        return [concealed(key, each) for each in value]
    if isinstance(value, str | int) and not isinstance(value, bool):
        from mergeflow.rules.secrets import may_hold_one, secret_in, secret_under

        is_secret = secret_under(key, value) or (isinstance(value, str) and may_hold_one(value) and secret_in(value))
        return SECRET if is_secret else value
    return value


def canonical(value: Any) -> str:
    """A text that two values share just if they are the same."""
    if isinstance(value, dict):
        pairs = sorted((canonical(key), canonical(each)) for key, each in value.items())
        return "{" + ",".join(f"{key}:{each}" for key, each in pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return f"{type(value).__name__} {value!r}"


def plain(value: Any) -> Any:
    """A value of a config as JSON has it: what JSON does not know is a text."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else str(value)
    return str(value)


def _is_open(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and not is_built(value)
